#!/usr/bin/env bash
# Packs the checkout, copies it to a bucket, and starts a machine that runs the suites, leaves the results there and ends itself.
#
#   BUCKET=s3://bucket/prefix PROFILE=role bench/ec2/launch.sh INSTANCE [--dry-run]
#
# PROFILE is an instance profile that may read and write the bucket. SUBNET, KEY and DISK_GB (default: 200) are optional;
# those of run-suites.sh, CATALOGS and HOURS go on to the machine. --dry-run prints what would be started.
set -euo pipefail

instance=${1:?usage: launch.sh INSTANCE [--dry-run]}
dry=${2:-}
: "${BUCKET:?BUCKET is not set}" "${PROFILE:?PROFILE is not set}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

{
  echo '#!/usr/bin/env bash'
  for name in BUCKET CATALOGS SUITES WORKERS ROWS RIGHT_ROWS RUNS RIVALS HOURS S3_LEFT S3_RIGHT; do
    [ -n "${!name:-}" ] && printf 'export %s=%q\n' "$name" "${!name}"
  done
  tail -n +2 "$here/user-data.sh"
} >"$scratch/user-data.sh"

image='resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'
command=(aws ec2 run-instances --image-id "$image" --instance-type "$instance" --count 1
  --iam-instance-profile "Name=$PROFILE" --user-data "file://$scratch/user-data.sh"
  --instance-initiated-shutdown-behavior terminate
  --metadata-options 'HttpTokens=required,HttpEndpoint=enabled'
  --block-device-mappings "DeviceName=/dev/xvda,Ebs={VolumeSize=${DISK_GB:-200},VolumeType=gp3,Throughput=1000,Iops=16000}"
  --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=crosshatch-bench}]'
  --query 'Instances[0].InstanceId' --output text)
[ -n "${SUBNET:-}" ] && command+=(--subnet-id "$SUBNET")
[ -n "${KEY:-}" ] && command+=(--key-name "$KEY")

if [ "$dry" = --dry-run ]; then
  printf '%q ' "${command[@]}"
  echo
  cat "$scratch/user-data.sh"
  exit 0
fi
git -C "$here/../.." archive --format tar.gz -o "$scratch/crosshatch.tar.gz" HEAD
aws s3 cp --only-show-errors "$scratch/crosshatch.tar.gz" "$BUCKET/crosshatch.tar.gz"
id=$("${command[@]}")
echo "started $id ($instance); it ends itself. Its results: $BUCKET/results/$instance-$id/"
