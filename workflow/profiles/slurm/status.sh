#!/bin/sh
# Tells Snakemake what has become of a SLURM job: running, success or failed. A job that was killed cannot
# tell it itself. sacct needs accounting; where there is none, scontrol knows jobs of the last minutes.
job=$1
state=$(sacct -X -n -P -j "$job" -o State 2>/dev/null | head -n 1)
[ -n "$state" ] || state=$(scontrol show job "$job" 2>/dev/null | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p')
case $state in
  COMPLETED) echo success ;;
  BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | REVOKED | TIMEOUT) echo failed ;;
  # Also an empty answer: the controller may be too busy, or not know the job yet.
  *) echo running ;;
esac
