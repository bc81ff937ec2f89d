"""Models of one shape trained side by side: parameters stacked, forward mapped over them."""

from __future__ import annotations

import copy

import torch

import model


class Stack:
    def __init__(self, config: dict, seeds: list[int], device, compiled: bool = False):
        members = []
        for seed in seeds:
            torch.manual_seed(seed)
            members.append(model.Encoder(config))
        self.skeleton = copy.deepcopy(members[0]).to(device)
        self.parameters = {
            name: torch.stack([dict(m.named_parameters())[name].detach() for m in members])
            .to(device)
            .requires_grad_()
            for name, _ in members[0].named_parameters()
        }
        self.average = {name: value.detach().clone() for name, value in self.parameters.items()}
        self.steps = 0
        self.forward = torch.compile(self.mapped, dynamic=False) if compiled else self.mapped

    def __call__(self, inputs: torch.Tensor, lengths: torch.Tensor):
        """The output of each model on its own batch: [models, batch, ...]."""
        return self.forward(inputs, lengths)

    def mapped(self, inputs: torch.Tensor, lengths: torch.Tensor):
        def single(parameters, inputs, lengths):
            return torch.func.functional_call(self.skeleton, parameters, (inputs, lengths))

        mapped = torch.func.vmap(single, randomness="different")
        return mapped(self.parameters, inputs, lengths)

    def optimizer(self, rate: float, weight_decay: float) -> torch.optim.AdamW:
        """Matrices decay; gains and biases (vectors of each model) do not."""
        values = list(self.parameters.values())
        groups = [
            {"params": [v for v in values if v.dim() > 2], "weight_decay": weight_decay},
            {"params": [v for v in values if v.dim() <= 2], "weight_decay": 0.0},
        ]
        fused = values[0].device.type == "cuda"
        return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=fused)

    def step(self, optimizer: torch.optim.AdamW, rate: float) -> None:
        """One update of every model; gradients clipped to norm 1, each model for itself."""
        gradients = [value.grad for value in self.parameters.values()]
        norm = sum(gradient.flatten(1).square().sum(1) for gradient in gradients).sqrt()
        factor = (1.0 / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(factor.view(-1, *[1] * (gradient.dim() - 1)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        decay = min(0.998, self.steps / (9 + self.steps))
        current = [value.detach() for value in self.parameters.values()]
        torch._foreach_lerp_(list(self.average.values()), current, 1.0 - decay)

    def state(self, number: int) -> dict[str, torch.Tensor]:
        """The running average of one model's weights: what is evaluated and shipped."""
        return {name: value[number].clone() for name, value in self.average.items()}

    def shipped(self, config: dict, number: int, device) -> model.Encoder:
        """One model with its weights in half precision, as a checkpoint stores them."""
        encoder = model.Encoder(config).to(device).eval()
        encoder.load_state_dict({k: v.half().float() for k, v in self.state(number).items()})
        return encoder
