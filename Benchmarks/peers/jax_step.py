"""JAX on one training step of the published model: forward, backward and Adam in one jitted function, parameters and
moments donated, batch 64, published layout, a fresh batch each step. With --seeds 4 the same step is mapped over four
models with batches of their own, and times are of one model's share. Speaks interactive.py.
"""

import math
from functools import partial

import interactive  # finds Tests/Oracle
import jax
import jax.numpy as jnp
import numpy as np
from published_data import data_stream, draw_batch, published_layout
from published_model import NO_TARGET, Configuration

C = Configuration()
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


def initial_parameters(seed):
    """The published distributions, from numpy's generator: no time depends on the values."""
    random = np.random.RandomState(seed)

    def linear(inputs, outputs):
        bound = 1 / math.sqrt(inputs)
        return {
            "w": random.uniform(-bound, bound, (inputs, outputs)).astype(np.float32),
            "b": random.uniform(-bound, bound, outputs).astype(np.float32),
        }

    def norm():
        return {"w": np.ones(C.d_model, np.float32), "b": np.zeros(C.d_model, np.float32)}

    def block():
        return {
            "ln1": norm(),
            "qkv": linear(C.d_model, 3 * C.d_model),
            "o": linear(C.d_model, C.d_model),
            "ln2": norm(),
            "mlp_in": linear(C.d_model, C.d_mlp),
            "mlp_out": linear(C.d_mlp, C.d_model),
        }

    return {
        "embedding": random.standard_normal((C.d_vocab, C.d_model)).astype(np.float32),
        "blocks": [block() for _ in range(C.n_layers)],
        "final": norm(),
        "unembedding": linear(C.d_model, C.d_vocab),
    }


def apply_linear(p, x):
    return x @ p["w"] + p["b"]


def layer_norm(p, x):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + C.eps) * p["w"] + p["b"]


def attention(p, x):
    batch, rows, _ = x.shape
    q, k, v = jnp.split(apply_linear(p["qkv"], x).reshape(batch, rows, 3 * C.n_heads, C.d_head), 3, axis=2)
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(C.d_head)
    scores = jnp.where(jnp.tril(jnp.ones((rows, rows), bool)), scores, -jnp.inf)
    z = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores, axis=-1), v)
    return apply_linear(p["o"], z.reshape(batch, rows, C.d_model))


def loss_of(p, tokens, targets):
    x = p["embedding"][tokens]
    for block in p["blocks"]:
        x = x + attention(block, layer_norm(block["ln1"], x))
        hidden = jax.nn.gelu(apply_linear(block["mlp_in"], layer_norm(block["ln2"], x)), approximate=False)
        x = x + apply_linear(block["mlp_out"], hidden)
    logits = apply_linear(p["unembedding"], layer_norm(p["final"], x))
    asked = targets != NO_TARGET
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), jnp.where(asked, targets, 0)[..., None], -1)[..., 0]
    return -(chosen * asked).sum() / asked.sum()


def step(state, tokens, targets):
    """One step of Adam, epsilon outside the root after bias correction."""
    p, m, v, count = state
    loss, gradient = jax.value_and_grad(loss_of)(p, tokens, targets)
    count = count + 1
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, gradient)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, gradient)
    rate, root = RATE / (1 - BETA1**count), jnp.sqrt(1 - BETA2**count)
    p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + EPSILON), p, m, v)
    return (p, m, v, count), loss


def initial_state(seeds):
    states = []
    for seed in seeds:
        p = initial_parameters(seed)
        zeros = jax.tree.map(np.zeros_like, p)
        states.append((p, zeros, jax.tree.map(np.copy, zeros), np.float32(0)))
    stacked = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *states)
    return stacked if len(seeds) > 1 else jax.tree.map(lambda leaf: leaf[0], stacked)


def main():
    parser = interactive.arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    seeds = [42 + index for index in range(options.seeds)]
    streams = [data_stream(seed) for seed in seeds]
    state = initial_state(seeds)
    mapped = jax.vmap(step) if len(seeds) > 1 else step
    compiled = partial(jax.jit, donate_argnums=0)(mapped)

    def run():
        nonlocal state
        pairs = [published_layout(draw_batch(stream), "sort") for stream in streams]
        tokens, targets = (jnp.asarray(np.stack([p[i].numpy().astype(np.int32) for p in pairs])) for i in (0, 1))
        if len(seeds) == 1:
            tokens, targets = tokens[0], targets[0]
        jax.block_until_ready((tokens, targets, state))
        with interactive.Clock() as clock:
            state, loss = compiled(state, tokens, targets)
            jax.block_until_ready((state, loss))
        return clock.ms / len(seeds)

    name = f"jax {jax.__version__} " + (f"vmap × {len(seeds)}" if len(seeds) > 1 else "jit")
    interactive.serve(name, run, options.warmup or 10)


if __name__ == "__main__":
    main()
