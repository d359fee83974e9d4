#!/usr/bin/env bash
# Builds all contestants, makes the cohort and the rules, and measures: 100,000 records, 40 and 320 rules.
#   benches/peers/run.sh [ROUNDS] [FOLDER]     data and builds go to FOLDER, or to a new one under /tmp
set -euo pipefail
cd "$(dirname "$0")"
rounds=${1:-7}
work=${2:-$(mktemp -d)}
mkdir -p "$work"
python3 -c 'import yaml' 2>/dev/null || { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q pyyaml && PATH="$work/venv/bin:$PATH"; }
[ -f "$work/p.ndjson" ] || python3 gen.py 100000 "$work/p.ndjson"
[ -f "$work/oracle.ndjson" ] || python3 oracle.py "$work/p.ndjson" "$work/oracle.ndjson"
python3 emit.py "$work/rules"
SCALE=8 python3 emit.py "$work/rules320"
export CARGO_TARGET_DIR="$work/target"
mkdir -p "$work/bin"
for features in "--features floor/sonic,jakscreen_peer/sonic" ""; do
  (cd rust && cargo build --release --locked $features)
  suffix=$([ -n "$features" ] && echo _sonic || true)
  cp "$CARGO_TARGET_DIR/release/floor" "$work/bin/floor$suffix"
  cp "$CARGO_TARGET_DIR/release/jakscreen_peer" "$work/bin/$([ -n "$suffix" ] && echo jakscreen_sonic || echo jakscreen_peer)"
done
cp "$CARGO_TARGET_DIR/release/datalogic" "$work/bin/"
python3 run.py --bin "$work/bin" --rules "$work/rules" --many "$work/rules320" --data "$work/p.ndjson" \
  --oracle "$work/oracle.ndjson" --results "$work/results.json" --rounds "$rounds"
