"""What an agent process does: blueprint, prompt, conversation, turns, runs, delegation."""
