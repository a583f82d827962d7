// Tell the page around this one how high it is, so that its frame can fit; it listens, or leaves it.
{
  const send = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    parent.postMessage({ from: "policygraph", height }, "*");
  };
  new ResizeObserver(send).observe(document.body);
  addEventListener("load", send);
}
