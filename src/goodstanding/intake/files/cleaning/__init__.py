"""Files without what their programs wrote into them: who made them, with what, where and when. What a reader sees stays as it was."""
