"""Fitting the network: on two cores in an hour, on a GPU in minutes; a run that was ended goes on where it was."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sentiment.train.examples import Example
from sentiment.train.network import Answers, Network, loss_of
from sentiment.train.stream import batches, padded, stream, tokens

WARM_UP, LEAST = 0.05, 0.02
"""The learning rate rises over this share of the run, and falls to this share of itself."""
CLIPPED = 1.0
POOL = 3_000
"""Examples that are sorted by length together, and between two savings."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is learned, and how fast. `examples` are counted as often as they are seen."""

    examples: int = 90_000
    tokens: int = 3_072
    """Of a batch, padding included."""
    rate: float = 6e-5
    """Of the uppermost layer; each below it learns at `fading` of the one above."""
    fading: float = 0.9
    of_heads: float = 4e-4
    seed: int = 1


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    network: Network,
    tokenizer: Any,
    examples: Sequence[Example],
    budget: Budget,
    *,
    saved: Path,
    say: Callable[[str], None],
) -> None:
    """Train it in place. The same seed, machine and number of threads give the same weights."""
    torch.manual_seed(budget.seed)
    chance, where = random.Random(budget.seed), device()  # noqa: S311 - the same order at every run
    network.to(where).train()
    optimizer = torch.optim.AdamW(_groups(network, budget), betas=(0.9, 0.98), weight_decay=0.01)
    rates = [group["lr"] for group in optimizer.param_groups]
    seen = _go_on(network, optimizer, saved)
    order = stream(examples, budget.examples, chance)
    for pool_begins in range(0, budget.examples, POOL):
        pool = [(tokens(tokenizer, example, chance), example) for example in islice(order, POOL)]
        made = batches(pool, budget.tokens, chance)
        if pool_begins < seen:
            continue  # learned before this run began; the order is drawn again, so that it is the same
        losses = []
        for batch in made:
            _set_rate(optimizer, rates, seen / budget.examples)
            losses.append(_step(network, optimizer, batch, where))
            seen += len(batch)
        say(f"{seen:,} of {budget.examples:,}: loss {sum(losses) / len(losses):.3f}")
        state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "seen": seen}
        torch.save(state | {"chance": torch.get_rng_state()}, saved)  # dropout goes on where it was
    network.eval()


def _go_on(network: Network, optimizer: torch.optim.Optimizer, saved: Path) -> int:
    """How many examples an earlier run saw; 0 where there was none."""
    if not saved.exists():
        return 0
    state = torch.load(saved, weights_only=True)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["chance"])
    return int(state["seen"])


def _groups(network: Network, budget: Budget) -> Iterator[dict[str, Any]]:
    heads = [value for name, value in network.named_parameters() if not name.startswith("encoder.")]
    yield {"params": heads, "lr": budget.of_heads}
    layers = list(network.encoder.encoder.layer)
    for depth, layer in enumerate(reversed(layers)):
        yield {"params": list(layer.parameters()), "lr": budget.rate * budget.fading**depth}
    words = list(network.encoder.embeddings.parameters())
    yield {"params": words, "lr": budget.rate * budget.fading ** len(layers)}


def _set_rate(optimizer: torch.optim.Optimizer, rates: Sequence[float], done: float) -> None:
    share = min(1.0, done / WARM_UP) * max(LEAST, 1 - done)
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate * share


def _step(
    network: Network,
    optimizer: torch.optim.Optimizer,
    batch: list[tuple[list[int], Example]],
    where: torch.device,
) -> float:
    ids, mask = (torch.tensor(rows, device=where) for rows in padded([row for row, _ in batch]))
    with torch.autocast(where.type, dtype=torch.bfloat16):
        answers = network(ids, mask)
    loss = loss_of(Answers(*(answer.float() for answer in answers)), [example for _, example in batch])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), CLIPPED)
    optimizer.step()
    return float(loss.detach())
