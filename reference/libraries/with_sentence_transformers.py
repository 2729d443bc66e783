"""sentence-transformers: `encode` leaves the model in evaluation mode, and its result holds no graph."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "sentence-transformers==6.2.0"]
# ///

import torch
from sentence_transformers import SentenceTransformer, losses
from sentence_transformers.models import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

tokenizer = Tokenizer(WordLevel({"good": 0, "bad": 1, "[UNK]": 2}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = Whitespace()


def encoded_between_epochs(epochs):
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=4)], device="cpu")
    criterion = losses.CosineSimilarityLoss(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    modes = []
    for _ in range(epochs):
        for pair in [("good", "bad"), ("bad", "good")]:
            optimizer.zero_grad()
            features = [model.preprocess([text]) for text in pair]
            loss = criterion(features, torch.tensor([0.5]))  # expect: missing-train-mode
            loss.backward()
            optimizer.step()
        modes.append(model.training)
        model.encode(["good"])
    return modes


def switched_back(epochs):
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=4)], device="cpu")
    criterion = losses.CosineSimilarityLoss(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    modes = []
    for _ in range(epochs):
        model.train()
        for pair in [("good", "bad"), ("bad", "good")]:
            optimizer.zero_grad()
            features = [model.preprocess([text]) for text in pair]
            loss = criterion(features, torch.tensor([0.5]))  # ok: missing-train-mode
            loss.backward()
            optimizer.step()
        modes.append(model.training)
        model.encode(["good"])
    return modes


def encoded_before_training(epochs):
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=4)], device="cpu")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    modes = []
    for _ in range(epochs):
        model.encode(["good"])
        for pair in [("good", "bad"), ("bad", "good")]:
            modes.append(model.training)
            features = [model.tokenize([text]) for text in pair]
            one, other = (model(part)["sentence_embedding"] for part in features)  # expect: missing-train-mode
            loss = 1 - torch.cosine_similarity(one, other).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return modes


def trained_on_encoded_texts():
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=4)], device="cpu")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(2):
        model.train()
        first, second = model.encode(["good"], convert_to_tensor=True), model.encode(["bad"], convert_to_tensor=True)
        loss = (first - second).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()  # expect: detached-loss
        optimizer.step()


if __name__ == "__main__":
    assert encoded_before_training(2) == [False] * 4
    assert encoded_between_epochs(2) == [True, False]
    assert switched_back(2) == [True, True]
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=4)], device="cpu")
    assert not model.encode(["good"], convert_to_tensor=True).requires_grad
    try:
        trained_on_encoded_texts()
        raised = False
    except RuntimeError:
        raised = True
    assert raised
