// The entries of a feed on stdin, one a line: node feed.mjs
import FeedParser from "feedparser";

const parser = new FeedParser();
parser.on("data", ({ guid, title, link, pubDate, date, description }) => {
  console.log(JSON.stringify({ guid, title, link, date: date ?? pubDate, description }));
});
process.stdin.pipe(parser);
