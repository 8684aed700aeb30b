/// The script that checks a bundle with the tools of any Debian; under 3 kB.
enum VerifyScript {
    static let text = #"""
        #!/bin/sh
        # Checks this folder with openssl, sha256sum, base64, xxd; no network. README.txt says what it shows.
        # sh verify.sh [FINGERPRINT]: that of the site's key, as it was handed over at the first audit.
        cd "$(dirname "$0")" || exit 2
        for t in openssl sha256sum base64 xxd; do
            command -v $t >/dev/null || { echo "missing tool: $t" >&2; exit 2; }
        done
        t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT || exit 2
        bad=0
        no() { echo "NOT AS SEALED: $*"; bad=1; }
        hex() { printf '%s' "$1" | base64 -d 2>/dev/null | xxd -p -c 64; }
        node() { printf '01%s%s' "$1" "$2" | xxd -r -p | sha256sum | cut -c1-64; }

        # 1. The files are those that were handed over, and no others.
        find . -type f | sed 's,^\./,,' | grep -vx SHA256SUMS | LC_ALL=C sort | xargs sha256sum >"$t/now"
        cmp -s "$t/now" SHA256SUMS ||
            no "files: $(diff SHA256SUMS "$t/now" | sed -n 's/^[<>] .\{64\}..//p' | sort -u | tr '\n' ' ')(or SHA256SUMS)"

        # 2. The key signed the head of the journal.
        print=$(tr -d '\n' <vkey | sha256sum | cut -c1-64 | sed 's/..../& /g;s/ $//')
        [ -n "$1" ] && [ "$(echo "$1" | tr -d ' ')" != "$(echo "$print" | tr -d ' ')" ] && no "the key is another: $print"
        sed '/^$/,$d' checkpoint >"$t/body"
        (printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cut -d+ -f3- vkey | base64 -d | tail -c 32) |
            openssl pkey -pubin -inform DER -out "$t/pub" 2>/dev/null
        ok=
        for s in $(grep "^— $(cut -d+ -f1 vkey) " checkpoint | cut -d' ' -f3); do
            echo "$s" | base64 -d 2>/dev/null | tail -c 64 >"$t/sig"
            openssl pkeyutl -verify -pubin -inkey "$t/pub" -rawin -in "$t/body" -sigfile "$t/sig" >/dev/null 2>&1 && ok=1
        done
        [ $ok ] || no "checkpoint: the signature"
        size=$(sed -n 2p "$t/body") root=$(hex "$(sed -n 3p "$t/body")")

        # 3. Each journal line of this folder stands under that head.
        n=0
        while IFS= read -r line; do
            seq=$(expr "$line" : '{"seq":\([0-9]*\)') f=proofs/$seq.tlog-proof
            [ -f "$f" ] || { no "journal line '$seq': no proof"; continue; }
            h=$( (printf '\000'; printf '%s\n' "$line") | sha256sum | cut -c1-64)
            i=$(sed -n 's/^index //p' "$f") k=$((size - 1))
            [ "$i" = $((seq - 1)) ] || { no "$f: the place"; continue; }
            for p in $(sed -n '3,/^$/p' "$f"); do
                p=$(hex "$p")
                if [ $((i % 2)) = 1 ] || [ "$i" = $k ]; then
                    h=$(node "$p" "$h")
                    while [ $((i % 2)) = 0 ] && [ "$i" -gt 0 ]; do i=$((i / 2)) k=$((k / 2)); done
                else h=$(node "$h" "$p"); fi
                i=$((i / 2)) k=$((k / 2))
            done
            [ "$h" = "$root" ] && [ $k = 0 ] && n=$((n + 1)) || no "journal line $seq"
        done <journal.jsonl

        # 4. Readings, what they go on from, and attachments are those that a line names.
        r=0
        for f in before.jsonl attachments/* readings/*/*.csv; do
            [ -f "$f" ] || continue
            grep -q "\"$(sha256sum <"$f" | cut -c1-64)\"" journal.jsonl && r=$((r + 1)) || no "$f: no line seals it"
        done
        [ $bad = 0 ] || exit 1
        echo "holds: $n journal lines under a head of $size, $r sealed files; key $(cut -d+ -f1 vkey)"
        echo "fingerprint $print"

        """#
}
