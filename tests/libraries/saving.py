"""Runs a script of others, and saves the parameters of all of its optimizers at the end: saving.py FOLDER SCRIPT ..."""

import atexit
import runpy
import sys

import torch

optimizers = {}
made = torch.optim.Optimizer.__init__


def noted(self, *given, **named):
    optimizers.setdefault(len(optimizers), self)
    made(self, *given, **named)


def save():
    torch.save([list(group["params"]) for one in optimizers.values() for group in one.param_groups], "weights.pt")


torch.optim.Optimizer.__init__ = noted
atexit.register(save)
sys.path[0] = sys.argv[1]
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
