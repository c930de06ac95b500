#!/usr/bin/env python3
"""The licences of everything that is linked into the program, from what `cargo metadata` says on standard input.

A binary that is passed on must come with the notices of what it contains. Equal texts are printed once.
"""

import json
import pathlib
import sys

ROOT = "kmsctl"
NAMES = ("LICEN", "COPYING", "NOTICE", "COPYRIGHT", "UNLICENSE")


def linked(metadata):
    """The packages that the program is made of; not what only builds or tests it."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    todo = [id for id, package in packages.items() if package["name"] == ROOT]
    found = set()
    while todo:
        id = todo.pop()
        if id not in found:
            found.add(id)
            normal = (dep for dep in nodes[id]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"]))
            todo.extend(dep["pkg"] for dep in normal)
    return sorted((packages[id] for id in found if packages[id]["name"] != ROOT), key=lambda p: (p["name"], p["version"]))


def texts(package):
    directory = pathlib.Path(package["manifest_path"]).parent
    files = sorted(path for path in directory.iterdir() if path.is_file() and path.name.upper().startswith(NAMES))
    return [path.read_text(errors="replace").strip() for path in files]


def main():
    packages = linked(json.load(sys.stdin))
    users = {}
    print(f"kmsctl contains {len(packages)} packages of others:\n")
    for package in packages:
        print(f"  {package['name']} {package['version']}: {package['license'] or 'see its text'}")
        for text in texts(package):
            users.setdefault(text, []).append(package["name"])
    print("\nBuilt in, too: OpenSSL (Apache-2.0), by openssl-src, and SQLite (public domain), by libsqlite3-sys.")
    for text, names in users.items():
        print(f"\n{'=' * 78}\n{', '.join(dict.fromkeys(names))}\n{'=' * 78}\n\n{text}")


if __name__ == "__main__":
    main()
