"""Scrapy's settings for one visit: polite, honest about who asks, and nothing running that we do not use."""

import logging
from typing import Any
from urllib.request import getproxies

from crawlers.browsing import browser, screenshots
from crawlers.source import Source
from crawlers.visit import Visit

LARGEST_ANSWER = 32 * 1024 * 1024
TIMEOUT_SECONDS = 30
RETRIES = 1
RETRY_STATUSES = [500, 502, 503, 504, 408]
"""Not 429: somebody who says "too often" is not asked again at once."""
REDIRECTS = 3
SILENT = ("scrapy.core.downloader.handlers.http11", "scrapy-playwright")
"""They log with a traceback what a run records as a reason."""


def settings(visit: Visit) -> dict[str, Any]:
    """What Scrapy's defaults have to be changed to, for a visit."""
    source = visit.source
    pictured = [fetch for fetch in visit.first if fetch.kind == screenshots.SCREENSHOT]
    return {
        "USER_AGENT": visit.user_agent,
        "DOWNLOAD_DELAY": 0,  # `Politeness` keeps the pauses, also between processes
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 2,  # Scrapy starts as many tasks for each page, and a page is one item
        "DOWNLOAD_MAXSIZE": LARGEST_ANSWER,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT_SECONDS,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": RETRIES,
        "RETRY_HTTP_CODES": RETRY_STATUSES,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "REDIRECT_MAX_TIMES": REDIRECTS,
        "COOKIES_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",  # `Hosts` takes the turns
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        # Every part that is left out here costs CPU for each page, and does nothing for us.
        "DOWNLOADER_MIDDLEWARES_BASE": _downloader_middlewares(source),
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "ITEM_PIPELINES": {"crawlers.pipeline.Commit": 100},
        **(
            screenshots.settings(pictured, visit.home, visit.mark)
            if pictured
            else browser.settings(source, visit.mark)
        ),
    }


def _downloader_middlewares(source: Source) -> dict[str, int]:
    base = "scrapy.downloadermiddlewares"
    found = {
        f"{base}.downloadtimeout.DownloadTimeoutMiddleware": 350,
        f"{base}.useragent.UserAgentMiddleware": 500,
        f"{base}.retry.RetryMiddleware": 550,
        f"{base}.httpcompression.HttpCompressionMiddleware": 590,
        "crawlers.conduct.redirects.Redirects": 600,
        "crawlers.conduct.politeness.Politeness": 900,
    }
    if source.outside_only:
        found["crawlers.conduct.lookups.Outside"] = 50
    if source.obey_robots:
        found["crawlers.conduct.robots.Robots"] = 100
    if getproxies():  # the network's own way out, as its administrator set it
        found[f"{base}.httpproxy.HttpProxyMiddleware"] = 750
    return found


def set_log_level(level: str) -> None:
    """Scrapy says this much and no more; the handlers stay those of the program."""
    logging.getLogger("scrapy").setLevel(level)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
