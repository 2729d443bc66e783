"""x-transformers: the autoregressive wrapper returns the loss, with its graph."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "x-transformers==2.31.10"]
# ///

import torch
from x_transformers import AutoregressiveWrapper, Decoder, TransformerWrapper

torch.manual_seed(0)
batches = [torch.randint(0, 32, (4, 17)) for _ in range(4)]


def new_model():
    torch.manual_seed(0)
    layers = Decoder(dim=16, depth=1, heads=2, attn_dropout=0.5, attn_dim_head=8)
    return AutoregressiveWrapper(TransformerWrapper(num_tokens=32, max_seq_len=32, attn_layers=layers))


def trained_as_the_documentation_shows():
    model = new_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(2):
        model.train()
        for tokens in batches[:2]:
            loss = model(tokens)
            (loss / 2).backward()  # ok: missing-zero-grad
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            print(model(batches[3]).item())  # ok: missing-eval-mode, missing-no-grad
    return loss


def never_cleared():
    model, norms = new_model(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for _ in range(4):
        model(batches[0]).backward()  # expect: missing-zero-grad
        norms.append(sum(float(one.grad.norm()) for one in model.parameters() if one.grad is not None))
        optimizer.step()
    return norms


def losses_kept():
    model, losses = new_model(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for tokens in batches:
        optimizer.zero_grad()
        loss, (logits, _) = model(tokens, return_outputs=True)
        loss.backward()
        optimizer.step()
        losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


if __name__ == "__main__":
    assert trained_as_the_documentation_shows().shape == ()
    norms = never_cleared()
    assert norms[-1] > 2 * norms[0] and all(loss.requires_grad for loss in losses_kept())
    model = new_model()
    model.eval()
    model.generate(batches[0][:, :1], 2)
    assert not model.training
