"""An app in the style of hydra-zen: configs are built from signatures, and the task function takes arguments."""

import sys

import torch
from hydra_zen import builds, store, zen
from lightning import seed_everything

Optimizer = builds(torch.optim.SGD, lr=0.1, zen_partial=True, populate_full_signature=True)
Net = builds(torch.nn.Linear, in_features=2, out_features=3)


@store(name="config", hydra_defaults=["_self_", {"optimizer": "sgd"}], net=Net)
def train(net, optimizer, seed: int = 1, trainer=None):
    steps = optimizer(net.parameters())
    for _ in range(3):
        loss = net(torch.rand(4, 2)).square().mean()
        loss.backward()
        steps.step()
        sys.stdout.write(f"{seed} {loss.item()} {trainer}\n")


store(Optimizer, group="optimizer", name="sgd")

if __name__ == "__main__":
    store.add_to_hydra_store()
    zen(train, pre_call=lambda config: seed_everything(config.seed)).hydra_main(
        config_name="config", config_path=None, version_base="1.3"
    )
