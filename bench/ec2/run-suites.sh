#!/usr/bin/env bash
# Runs suites with several numbers of workers and leaves a JSON file of each in a folder. The part that a cloud machine and
# a node of a cluster have in common.
#
#   bench/ec2/run-suites.sh RESULTS
#
# From the environment:
#   SUITES    names of suites (default: count write region skew dispatch)
#   WORKERS   numbers of workers; those above the cores are left out (default: 1 8 32 96 192)
#   ROWS, RIGHT_ROWS   rows of the generated catalogs (default: 1e8 and 7e7)
#   RUNS      measured runs of each (default: 5)
#   RIVALS    1: beside LSDB and ACID, which takes long (default: 0)
#   S3_LEFT, S3_RIGHT  catalogs to match where they are, such as s3://bucket/catalog, with an empty spool and again with
#             what the first run has fetched; nothing is done without them
set -euo pipefail

results=${1:?usage: run-suites.sh RESULTS}
suites=${SUITES:-count write region skew dispatch}
cores=${CORES:-$(nproc)}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
mkdir -p "$results"

failed=0
# Largest first: what a run that is cut off leaves is then what the machine was rented for.
read -ra counts <<<"${WORKERS:-1 8 32 96 192}"
for workers in $(printf '%s\n' "${counts[@]}" | sort -rn); do
  if [ "$workers" -gt "$cores" ]; then
    echo "leaving out $workers workers: there are $cores cores"
    continue
  fi
  for suite in $suites; do
    # `dispatch` counts tasks, not rows.
    size=(--rows "${ROWS:-1e8}" --right-rows "${RIGHT_ROWS:-7e7}")
    [ "$suite" = dispatch ] && size=()
    alone=(--alone)
    [ "${RIVALS:-0}" = 1 ] && alone=()
    echo "suite $suite, $workers workers"
    npm run --silent bench -- "$suite" --workers "$workers" --runs "${RUNS:-5}" \
      ${size[@]+"${size[@]}"} ${alone[@]+"${alone[@]}"} \
      --json "$results/$suite-$workers.json" || failed=1
  done
  if [ -n "${S3_LEFT:-}" ] && [ -n "${S3_RIGHT:-}" ]; then
    # A spool of its own: what a run before has fetched would make this one read from the disk.
    spool=$(mktemp -d)
    for state in cold warm; do
      echo "catalogs in S3, $workers workers, $state"
      CROSSHATCH_SPOOL=$spool/spool node dist/bin.js crossmatch "$S3_LEFT" "$S3_RIGHT" --radius 1 \
        --workers "$workers" --json --progress none >"$results/s3-$state-$workers.json" || failed=1
    done
    rm -rf "$spool"
  fi
done
exit "$failed"
