#!/usr/bin/env bash
# Holds what screen.py writes against one run of `jakscreen batch` over the same records.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if [ -z "${JAKSCREEN:-}" ]; then
  JAKSCREEN=$here/../../target/release/jakscreen
  [ -x "$JAKSCREEN" ] || (cd "$here/../.." && cargo build --locked --release --quiet)
fi
if ! python3 -c 'import pyspark' 2>/dev/null; then
  python3 -m venv "$tmp/venv"
  PATH=$tmp/venv/bin:$PATH
  pip install --quiet --disable-pip-version-check 'pyspark==4.*'
fi

# Made-up records; after every 150th one that is not a profile, one that is not UTF-8, and an empty line.
python3 - >"$tmp/all.ndjson" <<'PY'
import json, sys
for n in range(1, 1001):
    drug = ["baricitinib", "tofacitinib", "upadacitinib"][n % 3]
    line = json.dumps({
        "patient": f"P-{n}",
        "plan": {"drug": drug, "indication": "rheumatoid_arthritis", "label": ["us", "eu"]},
        "about": {"born": f"{1930 + n % 80}-05-01", "smoking": ["current", "never"][n % 2]},
        "tests": [{"date": "2026-11-16", "lymphocytes": f"{n * 3} /uL"}],
    }).encode()
    if n % 150 == 0:
        line += b'\n{"plan": 3}\n{"patient": "\xff"}\n'
    sys.stdout.buffer.write(line + b"\n")
PY
mkdir "$tmp/in"
split -d -l 300 --additional-suffix=.ndjson "$tmp/all.ndjson" "$tmp/in/part-"
gzip "$tmp/in/part-01.ndjson"

PYSPARK_SUBMIT_ARGS='--master local[2] pyspark-shell' PYSPARK_PYTHON=python3 \
  python3 "$here/screen.py" "$tmp/in" "$tmp/out" --jakscreen "$JAKSCREEN" --as-of 2026-11-21 2>"$tmp/log" ||
  { cat "$tmp/log" >&2; exit 1; }
cat "$tmp"/out/part-* >"$tmp/spark.ndjson"

"$JAKSCREEN" batch "$tmp/all.ndjson" -o "$tmp/one.ndjson" --as-of 2026-11-21 2>"$tmp/log" || [ $? -eq 2 ] ||
  { cat "$tmp/log" >&2; exit 1; }
unread=$(grep -c '"errors":' "$tmp/one.ndjson" || true)
[ "$unread" -eq 12 ] || { echo "12 records cannot be read, but of one run $unread lines say so"; exit 1; }

# Equal but for order and line numbers; the file that Spark names must be the one the line number falls into.
python3 - "$tmp/one.ndjson" "$tmp/spark.ndjson" <<'PY'
import json, re, sys
from itertools import zip_longest

def lines(path):
    for text in open(path, encoding="utf-8"):
        record = json.loads(text)
        line, file = record.pop("line", None), record.pop("file", None)
        part = (line - 1) // 300 if line else int(re.search(r"part-(\d+)", file)[1])
        for error in record.get("errors", []):
            error.pop("line", None), error.pop("end_line", None)
        yield json.dumps(record, sort_keys=True), part

one, spark = (sorted(lines(path)) for path in sys.argv[1:])
if one == spark and one:
    print(f"{len(one)} lines, the same")
    sys.exit()
print(f"not the same: {len(one)} lines of one run, {len(spark)} of Spark")
pairs = zip_longest(one, spark, fillvalue=("", "none"))
first, (a, b) = next((n, p) for n, p in enumerate(pairs, 1) if p[0] != p[1])
print(f"in order, the first that differ are lines {first}: of part {a[1]} in one run, of part {b[1]} in Spark's")
sys.exit(1)
PY
