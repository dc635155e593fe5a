"""Random pictures in place of MNIST, which nothing can be downloaded for."""

import torch
from lightning import LightningDataModule
from torch.utils.data import DataLoader, TensorDataset


class Digits(LightningDataModule):
    def __init__(self, batch_size=16, **_):
        super().__init__()
        self.batch_size = batch_size

    def pictures(self):
        drawn = torch.Generator().manual_seed(1)
        content = torch.rand(64, 1, 28, 28, generator=drawn), torch.randint(10, (64,), generator=drawn)
        return DataLoader(TensorDataset(*content), batch_size=self.batch_size)

    train_dataloader = val_dataloader = test_dataloader = pictures
