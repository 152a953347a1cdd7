#!/bin/bash
# A Ray cluster in a Slurm allocation, and a whole recipe on it: sbatch slurm_ray.sh RECIPE RUN
# RECIPE: with `on: ray` in its stages, as clusters_teacher_7b. RUN: a folder that all machines see. Killed or out of time, the same
# goes on when it is submitted again.
#
# Run here: `bash -n` and shellcheck; the commands of Ray by their help (2.60); `r1curate run` on a Ray cluster of three
# nodes on one machine. Not run: Slurm, several machines, GPUs.
#SBATCH --job-name=r1curate
#SBATCH --nodes=2
#SBATCH --exclusive
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=64
#SBATCH --time=48:00:00
#SBATCH --requeue
# A machine that is lost does not end the job: its prompts and parts go to the others.
#SBATCH --no-kill

set -euo pipefail
recipe=${1:?name a recipe}
run=${2:?name a run folder that all machines see}
# source /shared/venv/bin/activate

head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
port=$((20000 + SLURM_JOB_ID % 10000))
export RAY_ADDRESS="$head:$port"
# Ray's token, by which it keeps other users out: in ~/.ray, which all machines see.
export RAY_AUTH_MODE=token
ray get-auth-token --generate >/dev/null

ray_start() { # NODES LIST ARGUMENTS: the steps end with the job
    srun --nodes="$1" --ntasks="$1" --nodelist="$2" --cpus-per-task="$SLURM_CPUS_PER_TASK" --overlap --no-kill --kill-on-bad-exit=0 \
        ray start --block --disable-usage-stats --num-cpus="$SLURM_CPUS_PER_TASK" "${@:3}" &
}
ray_start 1 "$head" --head --port="$port"
others=$((SLURM_JOB_NUM_NODES - 1))
if [ "$others" -gt 0 ]; then
    sleep 20
    ray_start "$others" "$(scontrol show hostnames "$SLURM_JOB_NODELIST" | tail -n +2 | paste -sd, -)" --address="$RAY_ADDRESS"
fi

python - "$SLURM_JOB_NUM_NODES" <<'PYTHON'
import sys, time
import ray

for _ in range(60):
    try:
        ray.init(log_to_driver=False, logging_level="ERROR")
        break
    except (ConnectionError, ValueError):
        time.sleep(5)
else:
    sys.exit("Ray's head did not start.")
for _ in range(60):
    if sum(node["Alive"] for node in ray.nodes()) >= int(sys.argv[1]):
        sys.exit(0)
    time.sleep(5)
sys.exit("Not all machines joined the Ray cluster.")
PYTHON

r1curate run "$recipe" --run "$run"
