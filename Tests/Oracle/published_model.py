"""The published program's transformer in PyTorch, written from its description (docs: protocols, point 7).

Decoder-only, pre-LayerNorm, separate biased Q, K, V and O projections, exact GELU, untied biased unembedding.
Modules are created in the published order, so `torch.manual_seed(seed)` before the constructor gives the
published parameters. PAD is an ordinary token: the mask is causal and hides nothing else.
"""

from dataclasses import dataclass
from math import sqrt

import torch
from torch import nn

NO_TARGET = -100


@dataclass(frozen=True)
class Configuration:
    """Sizes of a model, named as TransformerLens names them; the defaults are the published model's."""

    n_layers: int = 4
    n_heads: int = 4
    d_model: int = 128
    d_mlp: int = 512
    d_vocab: int = 104
    n_ctx: int = 32  # rows of the position table; no limit unless positions are learned
    positions: str = "none"  # "none", "learned" or "rotary"
    eps: float = 1e-5
    d_head: int = 0  # 0: d_model / n_heads

    def __post_init__(self):
        if self.positions not in ("none", "learned", "rotary"):
            raise ValueError(f"unknown positions {self.positions!r}")
        if self.d_head == 0:
            if self.d_model % self.n_heads:
                raise ValueError(f"d_model {self.d_model} is no multiple of n_heads {self.n_heads}")
            object.__setattr__(self, "d_head", self.d_model // self.n_heads)


def untouched(name, tensor):
    """The tap that changes nothing. A tap sees every activation under its TransformerLens hook name and
    returns what the model shall go on with."""
    return tensor


def rotate(x, base=10000.0):
    """Rotary positions as TransformerLens has them by default: halves paired, all of d_head. x: [B, T, H, d_head]"""
    half = x.shape[-1] // 2
    frequency = base ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[1], dtype=torch.float64)[:, None, None] * frequency  # [T, 1, half]
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


class Block(nn.Module):
    """One layer. The order of the modules below is the published order of creation."""

    def __init__(self, configuration, index):
        super().__init__()
        c = configuration
        width = c.n_heads * c.d_head
        self.configuration, self.prefix = c, f"blocks.{index}."
        self.use_fused_attention = False  # torch's own kernel; only the benchmark turns it on
        self.ln1 = nn.LayerNorm(c.d_model, eps=c.eps)
        self.ln2 = nn.LayerNorm(c.d_model, eps=c.eps)
        self.W_q = nn.Linear(c.d_model, width)
        self.W_k = nn.Linear(c.d_model, width)
        self.W_v = nn.Linear(c.d_model, width)
        self.W_o = nn.Linear(width, c.d_model)
        self.mlp_in = nn.Linear(c.d_model, c.d_mlp)
        self.mlp_out = nn.Linear(c.d_mlp, c.d_model)

    def attention(self, q, k, v, tap):
        """z, the attention-weighted values before the output projection. All: [B, T, H, d_head]"""
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        if self.use_fused_attention:
            z = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            rows = q.shape[2]
            scores = q @ k.transpose(-1, -2) / sqrt(self.configuration.d_head)
            future = torch.ones(rows, rows, dtype=torch.bool, device=q.device).triu(1)
            scores = scores.masked_fill(future, float("-inf"))
            z = tap(self.prefix + "attn.hook_pattern", scores.softmax(-1)) @ v
        return z.transpose(1, 2)

    def forward(self, x, tap=untouched):
        c, prefix = self.configuration, self.prefix
        x = tap(prefix + "hook_resid_pre", x)
        normalized = tap(prefix + "ln1.hook_normalized", self.ln1(x))
        heads = (*x.shape[:2], c.n_heads, c.d_head)
        q = tap(prefix + "attn.hook_q", self.W_q(normalized).view(heads))
        k = tap(prefix + "attn.hook_k", self.W_k(normalized).view(heads))
        v = tap(prefix + "attn.hook_v", self.W_v(normalized).view(heads))
        if c.positions == "rotary":
            q, k = tap(prefix + "attn.hook_rot_q", rotate(q)), tap(prefix + "attn.hook_rot_k", rotate(k))
        z = tap(prefix + "attn.hook_z", self.attention(q, k, v, tap))
        x = tap(prefix + "hook_resid_mid", x + tap(prefix + "hook_attn_out", self.W_o(z.flatten(2))))
        normalized = tap(prefix + "ln2.hook_normalized", self.ln2(x))
        hidden = tap(prefix + "mlp.hook_pre", self.mlp_in(normalized))
        hidden = tap(prefix + "mlp.hook_post", nn.functional.gelu(hidden))
        return tap(prefix + "hook_resid_post", x + tap(prefix + "hook_mlp_out", self.mlp_out(hidden)))


class PublishedModel(nn.Module):
    """tokens [B, T] to logits [B, T, V]."""

    def __init__(self, configuration=Configuration()):
        super().__init__()
        c = self.configuration = configuration
        self.embedding = nn.Embedding(c.d_vocab, c.d_model)
        if c.positions == "learned":
            self.positions = nn.Embedding(c.n_ctx, c.d_model)
        self.blocks = nn.ModuleList(Block(c, index) for index in range(c.n_layers))
        self.final_norm = nn.LayerNorm(c.d_model, eps=c.eps)
        self.unembedding = nn.Linear(c.d_model, c.d_vocab)

    def forward(self, tokens, tap=untouched):
        x = tap("hook_embed", self.embedding(tokens))
        if self.configuration.positions == "learned":
            x = x + tap("hook_pos_embed", self.positions.weight[: tokens.shape[1]].expand_as(x))
        for block in self.blocks:
            x = block(x, tap)
        return self.unembedding(tap("ln_final.hook_normalized", self.final_norm(x)))


def seeded_model(configuration, seed):
    """The model whose parameters the published program has under this seed."""
    torch.manual_seed(seed)
    return PublishedModel(configuration)


def loss_of(logits, targets):
    """Mean cross-entropy over the positions that have a target (others hold NO_TARGET)."""
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NO_TARGET)
