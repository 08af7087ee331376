FROM python:3.13-slim
# pg_dump and pg_restore, for `tingfeng store backup` and `restore`.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/tingfeng
COPY . .
RUN PIP_CONSTRAINT=constraints.txt pip install --no-cache-dir '.[postgres,parquet]'
# Nobody in the container needs to be root; the data folder is where the list of erasures is kept.
RUN useradd --system tingfeng && mkdir -p /etc/tingfeng/data && chown tingfeng /etc/tingfeng/data
USER tingfeng
WORKDIR /etc/tingfeng
ENTRYPOINT ["tingfeng"]
CMD ["run"]
