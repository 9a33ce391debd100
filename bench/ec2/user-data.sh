#!/usr/bin/env bash
# Runs once when the machine starts (Amazon Linux 2023): installs what is needed, runs the suites, copies the results to the
# bucket, prints what it cost, and shuts down, whatever happened before. launch.sh puts the settings in front.
#
#   BUCKET      s3://bucket/prefix: has crosshatch.tar.gz, the checkout; gets the results
#   CATALOGS    s3://bucket/prefix of made catalogs, as bench/data has them; made here without it
#   HOURS       the suites are ended after that long (default: 12)
#   Others: see run-suites.sh
set -uo pipefail

: "${BUCKET:?BUCKET is not set}"
metadata=${METADATA_URL:-http://169.254.169.254}
work=${WORK:-/opt/crosshatch}
log=$work/user-data.log
started=$(date +%s)
mkdir -p "$work"
exec > >(tee -a "$log") 2>&1

# The metadata service asks for a token first (IMDSv2).
token=$(curl --silent --fail --max-time 10 -X PUT "$metadata/latest/api/token" \
  -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600') || token=
about() {
  curl --silent --fail --max-time 10 -H "X-aws-ec2-metadata-token: $token" \
    "$metadata/latest/meta-data/$1" || echo unknown
}
instance=$(about instance-type)
id=$(about instance-id)
AWS_DEFAULT_REGION=$(about placement/region)
export AWS_DEFAULT_REGION CROSSHATCH_BENCH_INSTANCE=$instance

finish() {
  local seconds=$(($(date +%s) - started))
  [ -x "$work/crosshatch/bench/ec2/cost.sh" ] && "$work/crosshatch/bench/ec2/cost.sh" "$instance" "$seconds"
  # Let the log reach its file.
  sleep 1
  aws s3 cp "$log" "$BUCKET/results/$instance-$id/user-data.log"
  ${SHUTDOWN:-shutdown -h now}
}
trap finish EXIT

# Local NVMe disks, where there are any, become one folder for catalogs and outputs.
scratch() {
  local disks=() disk
  for disk in ${NVME_DISKS-/dev/disk/by-id/nvme-Amazon_EC2_NVMe_Instance_Storage_*-ns-1}; do
    [ -e "$disk" ] && disks+=("$disk")
  done
  [ ${#disks[@]} -gt 0 ] || return 0
  if [ ${#disks[@]} -gt 1 ]; then
    dnf install -y mdadm && mdadm --create /dev/md0 --run --level 0 --raid-devices ${#disks[@]} "${disks[@]}"
    disks=(/dev/md0)
  fi
  mkfs.xfs -q "${disks[0]}" && mkdir -p "$work/scratch" && mount "${disks[0]}" "$work/scratch"
}

run() {
  dnf install -y nodejs20 nodejs20-npm python3.11 tar gzip git || return
  scratch || return
  aws s3 cp "$BUCKET/crosshatch.tar.gz" "$work/crosshatch.tar.gz" || return
  mkdir -p "$work/crosshatch" && tar -xzf "$work/crosshatch.tar.gz" -C "$work/crosshatch" || return
  cd "$work/crosshatch" || return
  if [ -d "$work/scratch" ]; then
    mkdir -p "$work/scratch/data" && ln -s "$work/scratch/data" bench/data
    mkdir -p "$work/scratch/tmp" && export TMPDIR=$work/scratch/tmp
  fi
  npm ci --silent && npm run --silent build || return
  if [ -n "${CATALOGS:-}" ]; then
    aws s3 sync --only-show-errors "$CATALOGS" bench/data || return
  fi
  # A worker opens some tens of files.
  ulimit -n 65536 || true
  local status=0
  # A suite that hangs must not keep the machine running, which costs.
  timeout "${HOURS:-12}h" bench/ec2/run-suites.sh "$work/results" || status=$?
  aws s3 cp --recursive "$work/results" "$BUCKET/results/$instance-$id" || status=$?
  return "$status"
}

if run; then echo "finished"; else echo "failed: what there is was copied to $BUCKET/results"; fi
