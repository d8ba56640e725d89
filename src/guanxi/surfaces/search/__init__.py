"""Finding records of every entity by words, pinyin, initials, digits of phones and parts of e-mail addresses."""
