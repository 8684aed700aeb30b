#!/usr/bin/env python3
"""Carries a bundle of evidence to a bare Debian 12 without our programs, and runs its `verify.sh` there.

    bare.py BUNDLE [--cache DIR]

BUNDLE is a directory that `emsctl export evidence --output DIR` wrote. The root is made once by debootstrap (minbase, openssl,
xxd) and kept in the cache. The script must say that the bundle holds; then a byte in each of its files is changed in turn, and the
script must name the file. Ends with 77 where no Debian can be had.
"""
import argparse, os, random, shutil, subprocess, sys


def debian(cache):
    """The root of a Debian 12 with what the script needs."""
    root = f"{cache}/bookworm-bare"
    if os.path.isdir(root):
        return root
    if os.getuid() or not shutil.which("debootstrap"):
        print("skipped: debootstrap is not installed, or this is not root")
        sys.exit(77)
    os.makedirs(cache, exist_ok=True)
    fresh = f"{root}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    done = subprocess.run(["debootstrap", "--variant=minbase", "--include=openssl,xxd", "bookworm", fresh],
                          capture_output=True, text=True)
    if done.returncode:
        print(f"skipped: no Debian can be had: {(done.stdout + done.stderr).strip().splitlines()[-1:]}")
        sys.exit(77)
    os.rename(fresh, root)
    return root


def verify(root):
    """What the script says there, and with which status it ends."""
    done = subprocess.run(["/usr/sbin/chroot", root, "/bin/sh", "/root/bundle/verify.sh"], capture_output=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    return done.returncode, (done.stdout + done.stderr).decode("utf8", "replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--cache", default="/var/cache/emsd-test")
    options = parser.parse_args()
    root = debian(options.cache)
    place = f"{root}/root/bundle"
    faults = []
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(options.bundle, place)
    try:
        if any(shutil.which(name, path=f"{root}/usr/bin:{root}/usr/local/bin") for name in ("emsd", "emsctl", "python3")):
            faults.append("the root is not bare")
        status, said = verify(root)
        print(said.strip())
        if status or not said.startswith("holds: "):
            faults.append(f"it does not hold there ({status})")
        chance, names = random.Random(3), []
        for folder, _, files in os.walk(place):
            names += [os.path.join(folder, name) for name in files]
        # Proofs are many and alike.
        proofs = [name for name in sorted(names) if "/proofs/" in name]
        names = sorted(set(names) - set(proofs[3:]))
        for path in names:
            name = os.path.relpath(path, place)
            with open(path, "rb") as file:
                data = bytearray(file.read())
            # The script cannot speak for itself once it is another.
            if name == "verify.sh" or not data:
                continue
            changed = bytearray(data)
            changed[chance.randrange(len(data))] ^= chance.randrange(1, 256)
            with open(path, "wb") as file:
                file.write(changed)
            status, said = verify(root)
            with open(path, "wb") as file:
                file.write(data)
            if not status or name not in said:
                faults.append(f"a byte of {name} changed: it ends with {status} and says {said[:200]}")
        print(f"{len(names) - 1} files changed, {len(faults)} faults")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
