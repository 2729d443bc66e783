"""pytorch-ignite: an engine keeps what its function returns in `state.output`, and leaves modes and gradients to it."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "pytorch-ignite==0.5.5"]
# ///

import torch
from ignite.engine import Engine, Events, create_supervised_evaluator, create_supervised_trainer
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))


def trained_as_the_documentation_shows():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    order = []

    def train_step(engine, batch):
        model.train()
        optimizer.zero_grad()
        inputs, targets = batch
        loss = criterion(model(inputs), targets)
        loss.backward()  # ok: missing-zero-grad
        optimizer.step()
        return loss.item()

    def validation_step(engine, batch):
        model.eval()
        with torch.no_grad():
            inputs, targets = batch
            return model(inputs), targets  # ok: missing-eval-mode, missing-no-grad

    trainer, evaluator = Engine(train_step), Engine(validation_step)
    losses = []

    @trainer.on(Events.EPOCH_STARTED)
    def begin():
        order.append("begin")

    @trainer.on(Events.ITERATION_COMPLETED)
    def keep(engine):
        losses.append(engine.state.output)  # ok: loss-accumulated-with-graph

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine):
        order.append("end")
        evaluator.run(loader)

    trainer.run(loader, max_epochs=2)
    return losses, order, evaluator.state.output[0]


def losses_kept():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def train_step(engine, batch):
        model.train()
        optimizer.zero_grad()
        inputs, targets = batch
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss

    trainer, losses = Engine(train_step), []

    @trainer.on(Events.ITERATION_COMPLETED)
    def keep(engine):
        losses.append(engine.state.output)  # expect: loss-accumulated-with-graph

    trainer.run(loader, max_epochs=1)
    return losses


def handler_that_is_added():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def train_step(engine, batch):
        optimizer.zero_grad()
        inputs, targets = batch
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return {"loss": loss}

    def keep(engine, losses):
        losses.append(engine.state.output["loss"])  # expect: loss-accumulated-with-graph

    trainer, losses = Engine(train_step), []
    trainer.add_event_handler(Events.ITERATION_COMPLETED, keep, losses)
    trainer.run(loader, max_epochs=1)
    return losses


def validated_in_training_mode():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def train_step(engine, batch):
        model.train()
        optimizer.zero_grad()
        inputs, targets = batch
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    def validation_step(engine, batch):
        with torch.no_grad():
            inputs, targets = batch
            return model(inputs), targets  # expect: missing-eval-mode

    trainer, evaluator = Engine(train_step), Engine(validation_step)
    moved = []

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine):
        before = model[1].running_mean.clone()
        evaluator.run(loader)
        moved.append(not torch.equal(before, model[1].running_mean))

    trainer.run(loader, max_epochs=2)
    return moved


def validated_with_a_graph():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def train_step(engine, batch):
        model.train()
        optimizer.zero_grad()
        inputs, targets = batch
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    def validation_step(engine, batch):
        model.eval()
        inputs, targets = batch
        return model(inputs), targets  # expect: missing-no-grad

    trainer, evaluator = Engine(train_step), Engine(validation_step)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: evaluator.run(loader))
    trainer.run(loader, max_epochs=2)
    return evaluator.state.output[0]


def never_cleared():
    model, norms = new_model(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)

    def train_step(engine, batch):
        model.train()
        inputs, targets = batch
        loss = criterion(model(inputs), targets)
        loss.backward()  # expect: missing-zero-grad
        norms.append(model[2].bias.grad.clone())
        optimizer.step()
        return loss.item()

    trainer = Engine(train_step)
    trainer.run(loader, max_epochs=1)
    return norms


def supervised():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    trainer, losses = create_supervised_trainer(model, optimizer, criterion), []
    evaluator = create_supervised_evaluator(model)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: losses.append(engine.state.output))
    trainer.run(loader, max_epochs=1)
    evaluator.run(loader)
    return losses, evaluator.state.output[0], model.training


def supervised_with_its_graph():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.eval()
    before = model[2].bias.detach().clone()
    trainer = create_supervised_trainer(
        model, optimizer, criterion, output_transform=lambda x, y, outputs, loss: {"loss": loss, "outputs": outputs}
    )
    losses, kept, numbers = [], [], []

    @trainer.on(Events.ITERATION_COMPLETED)
    def keep(engine):
        losses.append(engine.state.output["loss"])  # expect: loss-accumulated-with-graph
        kept.append(engine.state.output["outputs"])  # expect: outputs-kept-with-graph
        numbers.append(engine.state.output["loss"].item())  # ok: loss-accumulated-with-graph

    trainer.run(loader, max_epochs=1)
    return losses + kept, model.training and not torch.equal(before, model[2].bias)


def built(losses):
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step(engine, batch):
        inputs, targets = batch
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss

    trainer = Engine(step)

    @trainer.on(Events.ITERATION_COMPLETED)
    def keep(engine):
        losses.append(engine.state.output)  # expect: loss-accumulated-with-graph

    return trainer


def built_and_run_elsewhere(make):
    losses = []
    make(losses).run(loader)
    return losses


if __name__ == "__main__":
    assert all(loss.requires_grad for loss in built_and_run_elsewhere(built))
    losses, order, output = trained_as_the_documentation_shows()
    assert len(losses) == 8 and order == ["begin", "end"] * 2 and not output.requires_grad
    assert all(loss.requires_grad for loss in losses_kept() + handler_that_is_added())
    assert all(validated_in_training_mode()) and validated_with_a_graph().requires_grad
    first, *_, last = never_cleared()
    assert first.any() and not torch.equal(first, last)
    losses, output, training = supervised()
    assert all(isinstance(loss, float) for loss in losses) and not output.requires_grad and not training
    with_graph, trained = supervised_with_its_graph()
    assert trained and all(one.requires_grad for one in with_graph)
