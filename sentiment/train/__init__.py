"""From labelled texts to the shipped model: `tingfeng sentiment train`. Needs the extra `train`."""
