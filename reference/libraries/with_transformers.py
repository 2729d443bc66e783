"""transformers: `from_pretrained` gives a model in evaluation mode; logits hold a graph beside the loss."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "transformers==5.24.0"]
# ///

import tempfile

import torch
from torch.utils.data import DataLoader
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, BertConfig, GPT2Config, get_scheduler

torch.manual_seed(0)
writer = GPT2Config(n_layer=1, n_head=2, n_embd=16, vocab_size=50, bos_token_id=0, eos_token_id=0)
config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=50)
rows = [{"input_ids": torch.randint(0, 50, (8,)), "labels": torch.tensor(i % 2)} for i in range(32)]
loader = DataLoader(rows, batch_size=8, shuffle=True)


def fine_tuned_as_it_was_loaded(folder):
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()  # expect: trained-in-evaluation-mode
        optimizer.step()
    return model.training


def fine_tuned_with_checkpointing(folder):
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    model.gradient_checkpointing_enable()
    model.gradient_checkpointing_disable()
    model.activation_checkpointing_enable()
    model.enable_input_require_grads()
    model.tie_weights()
    assert model.num_parameters() > 0
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()  # expect: trained-in-evaluation-mode
        optimizer.step()
    model.save_pretrained(folder)
    return model.training


def resized_after_the_optimizer():
    model = AutoModelForSequenceClassification.from_config(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    before = model.get_input_embeddings().weight
    model.resize_token_embeddings(53)  # ok: parameters-replaced-after-optimizer
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
    return model.get_input_embeddings().weight is before and len(optimizer.state[before]["exp_avg"]) == 53


def generated_in_training_mode():
    model = AutoModelForCausalLM.from_config(writer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    model.train()
    for batch in loader:
        optimizer.zero_grad()
        model(batch["input_ids"], labels=batch["input_ids"]).loss.backward()
        optimizer.step()
    differ = False
    for batch in DataLoader(rows, batch_size=8):
        given = {"max_new_tokens": 1, "output_logits": True, "return_dict_in_generate": True, "pad_token_id": 0}
        first = model.generate(batch["input_ids"], **given)  # expect: missing-eval-mode
        again = model.generate(batch["input_ids"], **given)
        differ = differ or not torch.equal(first.logits[0], again.logits[0])
    return differ and not first.logits[0].requires_grad


def generated_in_evaluation_mode():
    model = AutoModelForCausalLM.from_config(writer)
    model.eval()
    for batch in loader:
        model.generate(batch["input_ids"], max_new_tokens=1, pad_token_id=0)  # ok: missing-eval-mode, missing-no-grad
    return model.training


def trained_anew():
    model = AutoModelForSequenceClassification.from_config(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()  # ok: trained-in-evaluation-mode
        optimizer.step()
    return model.training


def logits_kept():
    model = AutoModelForSequenceClassification.from_config(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    kept = []
    for batch in loader:
        optimizer.zero_grad()
        outputs = model(**batch)
        outputs.loss.backward()
        optimizer.step()
        kept.append(outputs.logits)  # expect: outputs-kept-with-graph
    return kept[0].requires_grad


def scheduled_per_epoch(epochs):
    model = AutoModelForSequenceClassification.from_config(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    scheduler = get_scheduler("linear", optimizer, num_warmup_steps=0, num_training_steps=epochs * len(loader))
    for _ in range(epochs):
        for batch in loader:
            optimizer.zero_grad()
            model(**batch).loss.backward()
            optimizer.step()
        scheduler.step()  # expect: scheduler-stepped-per-epoch
    return scheduler.get_last_lr()[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as saved:
        AutoModelForSequenceClassification.from_config(config).save_pretrained(saved)
        assert not fine_tuned_as_it_was_loaded(saved)
        assert not fine_tuned_with_checkpointing(saved)
    assert resized_after_the_optimizer()
    assert generated_in_training_mode()
    assert not generated_in_evaluation_mode()
    assert trained_anew()
    assert logits_kept()
    assert scheduled_per_epoch(2) == 0.75
