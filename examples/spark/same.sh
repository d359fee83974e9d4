#!/usr/bin/env bash
# Holds what screen.py writes against one run of `jakscreen batch` over the same records.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if [ -z "${JAKSCREEN:-}" ]; then
  JAKSCREEN=$root/target/release/jakscreen
  [ -x "$JAKSCREEN" ] || (cd "$root" && cargo build --locked --release --quiet)
fi
if ! python3 -c 'import pyspark, yaml' 2>/dev/null; then
  python3 -m venv "$tmp/venv"
  PATH=$tmp/venv/bin:$PATH
  pip install --quiet --disable-pip-version-check pyspark==4.* pyyaml
fi

# The cohort as JSON; every 30 records one that is not a profile, one that is not UTF-8, and an empty line.
python3 - "$root"/examples/cohort/*.yaml >"$tmp/all.ndjson" <<'PY'
import json, sys, yaml
for n, path in enumerate(sys.argv[1:], 1):
    # As strings: `no` is an answer, and a day is as it was written.
    line = json.dumps(yaml.load(open(path), yaml.BaseLoader)).encode() + b"\n"
    if n % 30 == 0:
        line += b'{"plan": 3}\n' + b'{"patient": "\xff"}\n' + b"\n"
    sys.stdout.buffer.write(line)
PY
mkdir "$tmp/in"
split -d -l 25 --additional-suffix=.ndjson "$tmp/all.ndjson" "$tmp/in/part-"
gzip "$tmp/in/part-01.ndjson"

PYSPARK_SUBMIT_ARGS='--master local[2] pyspark-shell' PYSPARK_PYTHON=python3 \
  python3 "$here/screen.py" "$tmp/in" "$tmp/out" --jakscreen "$JAKSCREEN" --as-of 2026-11-21 --partitions 3 2>"$tmp/log" ||
  { cat "$tmp/log" >&2; exit 1; }
cat "$tmp"/out/part-* >"$tmp/spark.ndjson"

status=0
"$JAKSCREEN" batch "$tmp/all.ndjson" -o "$tmp/one.ndjson" --as-of 2026-11-21 2>/dev/null || status=$?
[ "$status" -eq 2 ] || { echo "expected records that cannot be read, but the status is $status"; exit 1; }

# Equal but for order and line numbers; the file that Spark names must be the one the line number falls into.
python3 - "$tmp/one.ndjson" "$tmp/spark.ndjson" <<'PY'
import json, re, sys

def lines(path):
    for text in open(path, encoding="utf-8"):
        record = json.loads(text)
        line, file = record.pop("line", None), record.pop("file", None)
        part = (line - 1) // 25 if line else int(re.search(r"part-(\d+)", file)[1])
        for error in record.get("errors", []):
            error.pop("line", None), error.pop("end_line", None)
        yield json.dumps(record, sort_keys=True), part

one, spark = (sorted(lines(path)) for path in sys.argv[1:])
if one == spark and one:
    print(f"{len(one)} lines, the same")
    sys.exit()
print(f"not the same: {len(one)} lines of one run, {len(spark)} of Spark")
for n, pair in enumerate(zip(one, spark), 1):
    if pair[0] != pair[1]:
        print(f"sorted, line {n} is the first that differs; it is of parts {pair[0][1]} and {pair[1][1]}")
        break
sys.exit(1)
PY
