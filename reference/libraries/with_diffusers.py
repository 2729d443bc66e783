"""diffusers: `from_pretrained` gives a model in evaluation mode, `EMAModel.step` follows the weights of that time."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "transformers==5.24.0", "diffusers==0.42.1"]
# ///

import tempfile

import diffusers
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDPMPipeline, DDPMScheduler, UNet2DModel
from diffusers.optimization import get_cosine_schedule_with_warmup
from diffusers.training_utils import EMAModel
from torch.utils.data import DataLoader

torch.manual_seed(0)
loader = DataLoader(torch.randn(16, 1, 8, 8), batch_size=4)
small = {"in_channels": 1, "out_channels": 1, "norm_num_groups": 4}
config = small | {
    "sample_size": 8,
    "block_out_channels": (8,),
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",),
    "add_attention": False,
}


def trained_as_the_documentation_shows():
    model = UNet2DModel(**config)
    noise_scheduler = DDPMScheduler(num_train_timesteps=100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    lr_scheduler = get_cosine_schedule_with_warmup(optimizer, 1, num_training_steps=2 * len(loader))
    for epoch in range(2):
        for images in loader:
            noise = torch.randn_like(images)
            timesteps = torch.randint(0, 100, (len(images),))
            noisy = noise_scheduler.add_noise(images, noise, timesteps)
            loss = F.mse_loss(model(noisy, timesteps).sample, noise)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            lr_scheduler.step()  # ok: scheduler-stepped-per-epoch
            optimizer.zero_grad()
    sample = torch.randn(1, 1, 8, 8)
    model.eval()
    with torch.no_grad():
        for timestep in noise_scheduler.timesteps:
            sample = noise_scheduler.step(model(sample, timestep).sample, timestep, sample).prev_sample
    return optimizer.param_groups[0]["lr"]


def schedule_of_batches_stepped_per_epoch():
    model = UNet2DModel(**config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    lr_scheduler = get_cosine_schedule_with_warmup(optimizer, 1, num_training_steps=2 * len(loader))
    for epoch in range(2):
        for images in loader:
            optimizer.zero_grad()
            F.mse_loss(model(images, 5).sample, images).backward()
            optimizer.step()
        lr_scheduler.step()  # expect: scheduler-stepped-per-epoch
    return optimizer.param_groups[0]["lr"]


def fine_tuned_as_it_was_loaded(folder):
    model = UNet2DModel.from_pretrained(folder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for images in loader:
        optimizer.zero_grad()
        F.mse_loss(model(images, 5).sample, images).backward()  # expect: trained-in-evaluation-mode
        optimizer.step()
    return model.training


def fine_tuned_in_training_mode(folder):
    model = UNet2DModel.from_pretrained(folder)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for images in loader:
        optimizer.zero_grad()
        F.mse_loss(model(images, 5).sample, images).backward()  # ok: trained-in-evaluation-mode
        optimizer.step()
    return model.training


def frozen_encoder(folder):
    encoder = AutoencoderKL.from_pretrained(folder)
    encoder.requires_grad_(False)
    model = UNet2DModel(**config | {"in_channels": 4, "out_channels": 4})
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for images in loader:
        optimizer.zero_grad()
        latents = encoder.encode(images).latent_dist.sample()
        F.mse_loss(model(latents, 5).sample, latents).backward()  # ok: trained-in-evaluation-mode
        optimizer.step()
    return encoder.training


def average_before_the_step():
    model = UNet2DModel(**config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    average = EMAModel(model.parameters(), decay=0.0)
    for images in loader:
        optimizer.zero_grad()
        F.mse_loss(model(images, 5).sample, images).backward()
        average.step(model.parameters())  # expect: average-before-step
        optimizer.step()
    return distance(average, model)


def average_after_the_step():
    model = UNet2DModel(**config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    average = EMAModel(model.parameters(), decay=0.0)
    for images in loader:
        optimizer.zero_grad()
        F.mse_loss(model(images, 5).sample, images).backward()
        optimizer.step()
        average.step(model.parameters())  # ok: average-before-step
    return distance(average, model)


def copied_and_trained_on():
    model, kept = UNet2DModel(**config), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    average = EMAModel(model.parameters(), decay=0.9)
    for images in loader:
        optimizer.zero_grad()
        F.mse_loss(model(images, 5).sample, images).backward()
        optimizer.step()
        average.step(model.parameters())
        before = model.conv_in.weight.detach().clone()
        average.copy_to(model.parameters())  # expect: averaging-optimizer-mode
        kept.append(torch.equal(before, model.conv_in.weight))
    return kept


def copied_and_restored():
    model, kept = UNet2DModel(**config), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    average = EMAModel(model.parameters(), decay=0.9)
    for images in loader:
        optimizer.zero_grad()
        F.mse_loss(model(images, 5).sample, images).backward()
        optimizer.step()
        average.step(model.parameters())
        before = model.conv_in.weight.detach().clone()
        average.store(model.parameters())
        average.copy_to(model.parameters())  # ok: averaging-optimizer-mode
        average.restore(model.parameters())
        kept.append(torch.equal(before, model.conv_in.weight))
    return kept


def distance(average, model):
    return max(float((a - b).detach().abs().max()) for a, b in zip(average.shadow_params, model.parameters()))


def samples_kept():
    model = UNet2DModel(**config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    outputs = []
    for images in loader:
        optimizer.zero_grad()
        predicted = model(images, 5).sample
        F.mse_loss(predicted, images).backward()
        optimizer.step()
        outputs.append(predicted)  # expect: outputs-kept-with-graph
    return outputs[0]


def sampled_and_never_stepped():
    of_this_size = {"sample_size": 8, "block_out_channels": (8,), "layers_per_block": 1, "norm_num_groups": 4}
    blocks = {"down_block_types": ("DownBlock2D",), "up_block_types": ("UpBlock2D",), "add_attention": False}
    model = UNet2DModel(in_channels=1, out_channels=1, **of_this_size, **blocks)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    before = model.conv_in.weight.detach().clone()
    for images in loader:
        F.mse_loss(model(images, 5).sample, images).backward()  # expect: missing-step
        optimizer.zero_grad()
        pipeline = DDPMPipeline(unet=model, scheduler=DDPMScheduler(num_train_timesteps=4))
        pipeline(num_inference_steps=2, output_type="np")
    return torch.equal(before, model.conv_in.weight)


if __name__ == "__main__":
    assert sampled_and_never_stepped()
    assert trained_as_the_documentation_shows() == 0 and schedule_of_batches_stepped_per_epoch() > 9e-4
    with tempfile.TemporaryDirectory() as folder:
        UNet2DModel(**config).save_pretrained(folder)
        assert UNet2DModel(**config).training
        assert not fine_tuned_as_it_was_loaded(folder) and fine_tuned_in_training_mode(folder)
    with tempfile.TemporaryDirectory() as folder:
        AutoencoderKL(**small, block_out_channels=(8,)).save_pretrained(folder)
        assert not frozen_encoder(folder)
    assert average_before_the_step() > 1e-4 and average_after_the_step() < 1e-6
    assert not all(copied_and_trained_on()) and all(copied_and_restored())
    assert samples_kept().requires_grad
    for name in "DDIMScheduler DDPMScheduler EulerDiscreteScheduler".split():
        noise = getattr(diffusers, name)()
        assert not isinstance(noise, torch.optim.lr_scheduler.LRScheduler), name
        noise.set_timesteps(4)
        output = torch.ones(1, 1, 4, 4, requires_grad=True) * 2
        assert noise.step(output, noise.timesteps[0], torch.ones(1, 1, 4, 4)).prev_sample.requires_grad, name
        assert noise.add_noise(output, output, noise.timesteps[:1]).requires_grad, name
