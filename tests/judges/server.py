"""Runs judges: an interpreter that has loaded their libraries once, and forks for each run.

A line of JSON on standard input is a run: the directory, then the script and its arguments. The line that answers it has the status of
wait(2), and what the run printed, in base64.
"""

import base64
import json
import os
import runpy
import signal
import sys
import tempfile
import traceback

import jwt  # noqa: F401
from cryptography.hazmat.primitives import hashes, serialization  # noqa: F401
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa  # noqa: F401
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: F401
from jwcrypto import jwk  # noqa: F401

# In seconds: longer than any judge takes while other tests run.
TIMEOUT = 120


def run(asked, out, err):
    """In the child: never returns."""
    status = 1
    try:
        signal.alarm(TIMEOUT)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.chdir(asked["directory"])
        sys.argv = asked["args"]
        runpy.run_path(sys.argv[0], run_name="__main__")
        status = 0
    except SystemExit as exit:
        status = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


for line in sys.stdin:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            run(json.loads(line), out, err)
        _, status = os.waitpid(child, 0)
        printed = {}
        for name, file in (("stdout", out), ("stderr", err)):
            file.seek(0)
            printed[name] = base64.b64encode(file.read()).decode()
    print(json.dumps({"status": status, **printed}), flush=True)
