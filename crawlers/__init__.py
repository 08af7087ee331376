"""From the web to mentions: pure parsers, one source a file, and the Scrapy engine that feeds them."""
