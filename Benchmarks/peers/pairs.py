"""100 pairs of 16 random tokens for a decoder in the shape of GPT-2 small, and what is read of its last logits."""

import torch

LAYERS, HEADS, WIDTH, VOCABULARY, CONTEXT = 12, 12, 768, 50257, 1024
PAIRS, TOKENS = 100, 16
# (layer, head), head None for the MLP.
COMPONENTS = [(layer, head) for layer in range(LAYERS) for head in [*range(HEADS), None]]
METHODS = ["mean", "zero", "resample", "patching"]


class Pairs:
    def __init__(self):
        generator = torch.Generator().manual_seed(42)

        def draw(*shape):
            return torch.randint(VOCABULARY, shape, generator=generator)

        self.tokens, self.answers, self.foils = draw(PAIRS, TOKENS), draw(PAIRS), draw(PAIRS)
        self.corrupted = self.tokens.clone()
        self.corrupted[:, TOKENS // 2] = draw(PAIRS)
        self.donors = self.tokens.roll(1, 0)

    def outcome(self, logits, clean):
        """Log-probability, logit difference, whether it is right, and the divergence from the clean run, of the last logits.

        `clean` is what `distribution` says of the clean run.
        """
        row = torch.arange(PAIRS)
        log_probabilities = logits.log_softmax(-1)
        return (
            log_probabilities[row, self.answers],
            logits[row, self.answers] - logits[row, self.foils],
            logits.argmax(-1) == self.answers,
            (clean[0] * (clean[1] - log_probabilities)).sum(-1),
        )

    @staticmethod
    def distribution(logits):
        """Probabilities and their logarithms."""
        log_probabilities = logits.log_softmax(-1)
        return log_probabilities.exp(), log_probabilities
