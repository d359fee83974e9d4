"""Screens a folder of records with Spark: `jakscreen batch` once per partition, a line out for each record in.

The filter numbers the lines of its own partition. That number says nothing of the whole, so it is left out, and each
line names the file of its record instead. A record that cannot be read gives no patient id: run `jakscreen batch` on
the named file for its line.
"""

import argparse
import json
import subprocess
import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from pyspark.sql import SparkSession
from pyspark.sql.functions import col


def main():
    parser = argparse.ArgumentParser(description="Screen a folder of records (.ndjson, also .gz) with Spark.")
    parser.add_argument("input", help="folder of newline-delimited JSON")
    parser.add_argument("output", help="folder to write, one part per partition; must not exist")
    parser.add_argument("--jakscreen", default="jakscreen", metavar="PATH", help="the program, on every worker")
    parser.add_argument("--as-of", metavar="DAY", help="the day to judge for; else the record's, else today")
    parser.add_argument("--select", choices=["level", "findings", "all"], default="findings")
    parser.add_argument("--partitions", type=int, metavar="N", help="else as Spark divides the input")
    args = parser.parse_args()

    command = [args.jakscreen, "batch", "-", "--threads", "1", "--select", args.select]
    if args.as_of:
        command += ["--as-of", args.as_of]

    spark = SparkSession.builder.appName("jakscreen").getOrCreate()
    # As bytes: the filter is to see what is not UTF-8 as it is.
    records = spark.read.text(args.input, lineSep="\n")
    records = records.select(col("_metadata.file_path"), col("value").cast("binary"))
    if args.partitions:
        records = records.repartition(args.partitions)
    records.rdd.mapPartitions(partial(screened, command)).saveAsTextFile(args.output)
    spark.stop()


def screened(command, rows):
    """The lines of a partition."""
    files = deque()  # of the records that are in the filter, in order
    with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as feeder:
        run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        try:
            fed = feeder.submit(feed, rows, run.stdin, files)
            for line in run.stdout:
                yield placed(line, files.popleft())
            fed.result()
            # 2 is a record that could not be read, and has its line; but also a wrong option, and then lines are short.
            if run.wait() not in (0, 2) or files:
                said.seek(0)
                why = said.read().decode(errors="replace")
                raise RuntimeError(f"jakscreen: status {run.returncode}, no line for {len(files)} records given\n{why}")
        finally:
            run.kill()
            run.wait()


def feed(rows, stdin, files):
    """Writes the records to the filter. If it ends early, what it was given is left in `files`."""
    with suppress(BrokenPipeError), stdin:
        for file, record in rows:
            if record.strip(b" \t\r\n\f"):  # the filter gives no line for an empty one
                files.append(file)
                stdin.write(record + b"\n")


def placed(line, file):
    """A line with its file instead of line numbers."""
    record = json.loads(line)
    record.pop("line", None)
    for error in record.get("errors", []):
        del error["line"], error["end_line"]
    return json.dumps({"file": file, **record}, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
