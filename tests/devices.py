"""The devices that tests which run training code are collected for."""

from __future__ import annotations

import torch

CUDA = torch.cuda.is_available()
DEVICES = ["cpu", "cuda"] if CUDA else ["cpu"]
