"""The network: the encoder, and one head for each question that is asked of a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sentiment.train.examples import CATEGORIES, CLASSES, SEVERITIES, Example
from sentiment.train.pretrained import Encoder
from sentiment.train.vocabulary import PAD

BESIDE_POLARITY = 0.7
"""What severity and subject weigh: they are judged less surely than what a text is about."""
SMOOTHED = 0.08


@dataclass(frozen=True, slots=True)
class Answers:
    """Logits, a row a text: polarity (3), category (14), severity (4), stance (3), subject (2)."""

    polarity: Tensor
    category: Tensor
    severity: Tensor
    stance: Tensor
    subject: Tensor


class Network(nn.Module):  # type: ignore[misc]  # torch is an extra, and may be missing where this is checked
    """Text in, answers out. With a pair "text </s> brand", stance and subject are of that brand."""

    def __init__(self, encoder: Encoder, kept: Sequence[int], layers: int) -> None:
        from transformers import BertConfig, BertModel  # noqa: PLC0415 - late: it takes seconds

        super().__init__()
        shape = encoder.shape
        hidden = shape["hidden"]
        self.encoder = BertModel(
            BertConfig(
                vocab_size=len(kept),
                hidden_size=hidden,
                num_hidden_layers=layers,
                num_attention_heads=shape["heads"],
                intermediate_size=shape["inner"],
                max_position_embeddings=shape["positions"],
                type_vocab_size=shape["types"],
                layer_norm_eps=encoder.eps,
                pad_token_id=PAD,
                attn_implementation="eager",  # type: ignore[call-arg]  # what ONNX can hold
            ),
            add_pooling_layer=False,
        )
        self.encoder.load_state_dict(_weights(encoder, kept, self.encoder.state_dict()))
        self.attend = nn.Linear(hidden, 1)
        self.read = nn.Sequential(nn.Dropout(0.1), nn.Linear(2 * hidden, hidden), nn.GELU(), nn.Dropout(0.1))
        self.polarity = nn.Linear(hidden, len(CLASSES))
        self.category = nn.Linear(hidden, len(CATEGORIES))
        self.severity = nn.Linear(hidden, SEVERITIES)
        self.stance = nn.Linear(hidden, len(CLASSES))
        self.subject = nn.Linear(hidden, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """`ids` and `mask` are [texts, tokens]; the tensors of `Answers`, in its order."""
        state = self.encoder(ids, attention_mask=mask).last_hidden_state.float()
        # What stands everywhere in a text, and what stands out in it.
        mean = (state * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        weight = self.attend(state).squeeze(-1).masked_fill(mask == 0, -1e4).softmax(1)
        found = self.read(torch.cat([mean, (state * weight[..., None]).sum(1)], 1))
        heads = (self.polarity, self.category, self.severity, self.stance, self.subject)
        return tuple(head(found) for head in heads)


def _weights(encoder: Encoder, kept: Sequence[int], wanted: Mapping[str, Any]) -> dict[str, Tensor]:
    """Those of the encoder's weights that the smaller one has: its first layers, and the pieces that are kept."""
    found = {name: torch.from_numpy(value) for name, value in encoder.weights.items() if name in wanted}
    words = "embeddings.word_embeddings.weight"
    return found | {words: torch.from_numpy(encoder.weights[words][list(kept)])}


def loss_of(answers: Answers, examples: Sequence[Example]) -> Tensor:
    """The mean cross entropy over what is known of the examples; what nobody said of a text teaches nothing."""
    total = answers.polarity.new_zeros(())
    for place, example in enumerate(examples):
        if example.label is not None:
            total = total + _polarity(answers.polarity[place], example)
    for head, weight, known in (
        (answers.category, 1.0, [e.category for e in examples]),
        (answers.severity, BESIDE_POLARITY, [e.severity for e in examples]),
        (answers.stance, 1.0, [e.stance for e in examples]),
        (answers.subject, BESIDE_POLARITY, [e.subject for e in examples]),
    ):
        places = [place for place, said in enumerate(known) if said is not None]
        if places:
            said = torch.tensor([known[place] for place in places], device=head.device)
            summed = functional.cross_entropy(head[places], said, label_smoothing=SMOOTHED, reduction="sum")
            total = total + weight * summed
    return total / len(examples)


def _polarity(logits: Tensor, example: Example) -> Tensor:
    """Against the belief that the label's sureness leaves to the other classes."""
    assert example.label is not None  # noqa: S101 - asked by the caller
    if example.binary:
        logits = logits[[0, 2]]
    right = example.label // 2 if example.binary else example.label
    others = (1 - example.sure) / (len(logits) - 1)
    belief = torch.full_like(logits, others)
    belief[right] = example.sure
    return -(belief * functional.log_softmax(logits, 0)).sum()
