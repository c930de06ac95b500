#!/usr/bin/env python3
"""Runs the commands below on a pseudoterminal and writes what they print as docs/session.svg: `./dev cast`.

tests/it/readme.rs runs the same commands again and compares, so that the recording cannot show what is no longer true.
"""

import html
import os
import pty
import re
import sys

COMMANDS = [
    "# The embedded token; its generated PIN is in the file `pin`",
    "kmsctl token init --label demo --generate-pin pin --quiet",
    "kmsctl key create --label web --algorithm rsa-4096 --quiet",
    "kmsctl key create --label backup --algorithm aes-256 --auto-rotate --quiet",
    "kmsctl key list",
    "# A JSON Web Token, and the public keys that verify it",
    "kmsctl jwt sign --label web --iss https://id.example --aud api --sub alice --ttl 15m >token",
    "kmsctl jwks --out jwks.json",
    "kmsctl jwt verify --jwks jwks.json --aud api --in token >/dev/null && echo valid",
    "# Encrypt a file of any size; it stays readable after a rotation of the key",
    "seq 100000 | kmsctl encrypt --label backup --out numbers.age",
    "kmsctl key rotate --label backup",
    "kmsctl reencrypt --in numbers.age --out numbers.age && kmsctl decrypt --in numbers.age | tail -1",
    "# A misspelt label is an error, never another key",
    "kmsctl sign --label wbe --in jwks.json",
]

COLUMNS = 100
CHARACTER = 8.4
LINE = 19
MARGIN = 16
BAR = 28
# Seconds: before a command, and between its lines.
PAUSE, STEP = 1.2, 0.08

STYLE = """
  text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d7dae0; white-space: pre }
  .c { fill: #8b949e } .p { fill: #7ee787 } .g { fill: #7ee787 } .r { fill: #ff7b72 } .y { fill: #f2cc60 } .b { fill: #79c0ff }
  .l { animation: appear 1ms backwards }
  @keyframes appear { from { opacity: 0 } }
  @media (prefers-reduced-motion: reduce) { .l { animation: none } }
""".strip("\n")

CLASSES = {"31": "r", "32": "g", "33": "y", "34": "b", "36": "b"}


def run(command):
    """What a person at a terminal sees of a command."""
    seen = []

    environment = dict(os.environ, COLUMNS=str(COLUMNS), TERM="xterm")
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("bash", ["bash", "-c", command], environment)
    try:
        while True:
            data = os.read(terminal, 65536)
            if not data:
                break
            seen.append(data)
    except OSError:  # The end of a terminal.
        pass
    os.waitpid(child, 0)
    return b"".join(seen).decode().replace("\r\n", "\n")


def screen(text):
    """The lines that are left: a line of progress is drawn over and wiped away."""
    return [re.split("\r(?:\x1b\\[K)?", line)[-1] for line in text.removesuffix("\n").split("\n") if line]


def spans(line):
    """A line with its colours as SVG."""
    result, style = [], None
    for part in re.split("(\x1b\\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            codes = part[2:-1].split(";")
            style = next((CLASSES[code] for code in codes if code in CLASSES), None)
        elif part:
            text = html.escape(part, quote=False)
            result.append(f'<tspan class="{style}">{text}</tspan>' if style else text)
    return "".join(result)


def record():
    """(seconds, SVG of the line) for each line."""
    clock, lines = 0.0, []
    for command in COMMANDS:
        clock += PAUSE
        text = html.escape(command, quote=False)
        if command.startswith("#"):
            lines.append((clock, f'<tspan class="c">{text}</tspan>'))
            continue
        lines.append((clock, f'<tspan class="p">$</tspan> {text}'))
        for line in screen(run(command)):
            clock += STEP
            lines.append((clock, spans(line)))
    return lines


def svg(lines):
    width = round(COLUMNS * CHARACTER + 2 * MARGIN)
    height = BAR + len(lines) * LINE + 2 * MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'role="img" aria-label="A terminal session with kmsctl">'
    )
    yield f"<style>\n{STYLE}\n</style>"
    yield f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>'
    for index, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        yield f'<circle cx="{MARGIN + 6 + 20 * index}" cy="18" r="6" fill="{colour}"/>'
    for number, (clock, line) in enumerate(lines, 1):
        y = BAR + MARGIN // 2 + number * LINE
        yield f'<text class="l" x="{MARGIN}" y="{y}" xml:space="preserve" style="animation-delay:{clock:.2f}s">{line}</text>'
    yield "</svg>"


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(svg(record())) + "\n")
