"""What loops do again, and which of many events are near."""
