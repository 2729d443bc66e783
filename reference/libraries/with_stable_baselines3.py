"""stable-baselines3: an algorithm clears before its backward; `predict` leaves the policy in evaluation mode."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "gymnasium==1.4.0", "stable-baselines3==2.9.2"]
# ///

import gymnasium
from stable_baselines3 import DQN
from torch import nn


class OwnTraining(DQN):
    norms = []

    def train(self, gradient_steps, batch_size=8):
        self.policy.set_training_mode(True)
        losses = []
        for _ in range(gradient_steps):
            data = self.replay_buffer.sample(batch_size)
            values = self.q_net(data.observations).gather(1, data.actions)
            loss = nn.functional.mse_loss(values, data.rewards)
            losses.append(loss.item())  # ok: loss-accumulated-with-graph
            self.policy.optimizer.zero_grad()
            loss.backward()  # ok: missing-zero-grad
            self.norms.append(norm(self.q_net))
            self.policy.optimizer.step()
        self.logger.record("train/loss", sum(losses))


class NeverCleared(DQN):
    norms = []

    def train(self, gradient_steps, batch_size=8):
        self.policy.set_training_mode(True)
        losses = []
        for _ in range(gradient_steps):
            data = self.replay_buffer.sample(batch_size)
            values = self.q_net(data.observations).gather(1, data.actions)
            loss = nn.functional.mse_loss(values, data.rewards)
            losses.append(loss)  # expect: loss-accumulated-with-graph
            loss.backward()  # expect: missing-zero-grad
            self.norms.append(norm(self.q_net))
            self.policy.optimizer.step()
        self.logger.record("train/loss", float(sum(losses)))


def norm(network):
    return sum(float(parameter.grad.norm()) for parameter in network.parameters())


def learned(kind):
    model = kind("MlpPolicy", gymnasium.make("CartPole-v1"), learning_starts=20, seed=0, learning_rate=1e-5)
    model.learn(total_timesteps=60)
    return model


if __name__ == "__main__":
    model = learned(OwnTraining)
    model.predict(model.get_env().reset())
    assert not model.policy.training
    assert learned(NeverCleared).norms[-1] > 2 * OwnTraining.norms[-1] > 0
    learned(DQN)
