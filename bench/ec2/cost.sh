#!/usr/bin/env bash
# What some seconds of a machine cost, out of prices.csv beside this script.
#
#   bench/ec2/cost.sh INSTANCE SECONDS
set -euo pipefail

instance=${1:?usage: cost.sh INSTANCE SECONDS}
seconds=${2:?usage: cost.sh INSTANCE SECONDS}
prices=$(dirname "${BASH_SOURCE[0]}")/prices.csv
awk -F, -v instance="$instance" -v seconds="$seconds" '
  NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
  $column["instance"] == instance {
    printf "%s: %d s, %.2f dollars (%s dollars an hour in %s, price of %s)\n", instance, seconds,
      seconds * $column["usd_per_hour"] / 3600, $column["usd_per_hour"], $column["region"], $column["recorded"]
    found = 1
  }
  END { if (!found) printf "%s: %d s, price unknown: add it to prices.csv\n", instance, seconds }
' "$prices"
