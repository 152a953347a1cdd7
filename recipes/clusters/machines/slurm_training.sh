#!/bin/bash
# One training on all machines of a Slurm allocation, without Ray: sbatch slurm_training.sh RUN MODEL NAME
# RUN: a run folder that all machines see, with the set `sft` (r1curate mix). MODEL: a folder or a Hub id.
#
# `--on slurm` starts a step with one task a machine (srun), and there a process a GPU. In a recipe the same is `on: slurm`.
# Killed or out of time it goes on from its last checkpoint when the same is submitted again.
#
# Run here: `bash -n` and shellcheck; the same command with a stand-in for srun and two machines on loopback, on CPUs
# (pytest -n 0 -m slow tests/distill/sft/test_on_machines.py). Not run: Slurm, several machines, GPUs.
#SBATCH --job-name=r1curate-distill
#SBATCH --nodes=4
#SBATCH --exclusive
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=64
#SBATCH --time=24:00:00
#SBATCH --requeue

set -euo pipefail
run=${1:?name a run folder that all machines see}
model=${2:?name the model to train}
name=${3:?name the trained model}
# source /shared/venv/bin/activate
# The network between the machines, where NCCL does not find it by itself:
# export NCCL_SOCKET_IFNAME=ib0

r1curate distill --run "$run" --dataset sft --model "$model" --name "$name" --shard fsdp2 --on slurm
