# The server of a catalogue: docker build -t policygraph .
# docker run -p 8000:8000 -v "$PWD:/catalog:ro" policygraph
FROM python:3.12-slim
COPY . /package
RUN pip install --no-cache-dir "/package[server]" && rm -rf /package && useradd --system policygraph
USER policygraph
VOLUME /catalog
EXPOSE 8000
ENTRYPOINT ["policygraph", "--catalog", "/catalog"]
CMD ["serve", "--host", "0.0.0.0"]
