#!/usr/bin/env python3
"""Fails where a room has grown too large, or its folders cannot be read in the order that Sources/README.md says.

Tests/Style/rooms.py: run in the root of the project; `make lint` does it. No target has more than 5,000 lines, no file more
than 400, no function more than 60. In a target with folders, a type is only named in its own folder and in those that
stand after it in the table of Sources/README.md. What a folder adds to a type of an earlier one is not looked at: only
names of types are.
"""
import pathlib
import re
import sys

MOST_OF_TARGET, MOST_OF_FILE, MOST_OF_FUNCTION = 5000, 400, 60
DECLARATION = re.compile(
    r"^(?:@\w+(?:\([^)]*\))? )*(?:(?:package|public|open|internal|final|indirect) )*"
    r"(?:struct|class|enum|protocol|actor|typealias) (\w+)", re.M)
FUNCTION = re.compile(r"^( *)(?:@\w+(?:\([^)]*\))? *|[a-z]+(?:\([a-z]+\))? +)*(?:func +\S|init[?!]?[(<]|deinit *\{|subscript *\()")


def code_of(text):
    """The text without what stands in comments and strings (their interpolations too); lines stay lines."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found.group().count("\n"), text, flags=re.S)
    text = re.sub(r'"""(.*?)"""', lambda found: '""' + "\n" * found.group().count("\n"), text, flags=re.S)
    lines = []
    for line in text.split("\n"):
        out, index, quoted = [], 0, False
        while index < len(line):
            sign = line[index]
            if quoted:
                if sign == "\\":
                    index += 1
                elif sign == '"':
                    quoted = False
                    out.append(sign)
            elif sign == '"':
                quoted = True
                out.append(sign)
            elif line.startswith("//", index):
                break
            else:
                out.append(sign)
            index += 1
        lines.append("".join(out))
    return "\n".join(lines)


def long_functions(path, text):
    """Functions that end more than so many lines after they begin, by their indentation: the style is checked before."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = FUNCTION.match(line)
        if not found:
            continue
        indent = found.group(1)
        end = next((at for at in range(number, len(lines))
                    if (lines[at].startswith(indent + "}") or (at == number and line.rstrip().endswith("}")))), number)
        # A requirement of a protocol has no body.
        if any(re.match(rf"{indent}\S", between) and not re.match(rf"{indent}[)}}{{]", between)
               for between in lines[number + 1:end]):
            continue
        if end - number + 1 > MOST_OF_FUNCTION:
            yield f"{path}:{number + 1}: a function of {end - number + 1} lines: {MOST_OF_FUNCTION} at the most"


def orders(readme):
    """By target, its folders as the table has them."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", readme, flags=re.M)
    return {target: re.findall(r"`(\w+)`", folders) for target, folders in rows}


def circles(target, order, sources):
    """Each use of a type in a folder that stands before the type's."""
    place = {folder: at for at, folder in enumerate(order)}
    homes = {}
    for path, code in sources.items():
        for name in DECLARATION.findall(code):
            homes.setdefault(name, set()).add(path.relative_to(target).parts[0])
    for path, code in sorted(sources.items()):
        folder = path.relative_to(target).parts[0]
        for name in sorted(set(re.findall(r"\b[A-Z]\w*", code)) & homes.keys()):
            if folder not in homes[name] and all(place[home] > place[folder] for home in homes[name]):
                line = next(at for at, text in enumerate(code.split("\n"), 1) if re.search(rf"\b{name}\b", text))
                yield f"{path}:{line}: {name} is of {'/'.join(sorted(homes[name]))}, which is read after {folder}"


def faults(root):
    order_of = orders((root / "Sources/README.md").read_text())
    for target in sorted(path for path in (root / "Sources").iterdir() if path.is_dir()):
        texts = {path: path.read_text() for path in sorted(target.rglob("*.swift"))}
        count = sum(text.count("\n") for text in texts.values())
        if count > MOST_OF_TARGET:
            yield f"{target}: {count} lines: {MOST_OF_TARGET} at the most, so split it along a border that the compiler keeps"
        folders = {path.relative_to(target).parts[0] for path in texts if path.parent != target}
        if len(folders) < 2:
            continue
        order = order_of.get(target.name, [])
        if set(order) != folders:
            yield (f"{target}: its folders are {', '.join(sorted(folders))}, and Sources/README.md says "
                   f"{', '.join(order) or 'nothing of them'}")
            continue
        inside = {path: code_of(text) for path, text in texts.items() if path.parent != target}
        yield from circles(target, order, inside)
    for top in ("Sources", "Tests"):
        for path in sorted((root / top).rglob("*.swift")):
            text = path.read_text()
            if text.count("\n") > MOST_OF_FILE:
                yield f"{path}: {text.count(chr(10))} lines: {MOST_OF_FILE} at the most"
            yield from long_functions(path, text)


def main():
    found = list(faults(pathlib.Path(".")))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
