# A web server that shows, behind /do/SECTION, what chapters 10 and 11 of Python's tutorial ("Brief Tour of the Standard
# Library", both parts) go through: one method a section, in their order. Every module that they name is used, as their
# example does it or, where they have none, in the plainest way. python3 tour.py FOLDER PORT [MAIL-PORT]; works in ".".
import argparse, array, bisect, bz2, codecs, collections, contextlib, csv, datetime, decimal, doctest, email, email.message
import email.policy, gc, gettext, glob, gzip, heapq, http.server, io, json, locale, logging, lzma, math, os, poplib, pprint
import profile, pstats, queue, random, re, reprlib, shutil, smtplib, sqlite3, statistics, string, struct, sys, tarfile
import textwrap, threading, time, timeit, unittest, urllib.request, weakref, xml.dom.minidom, xml.etree.ElementTree, xml.sax
import xmlrpc.client, xmlrpc.server, zipfile, zlib

root, port = sys.argv[1], int(sys.argv[2])
TEXT = b"she sells sea shells, and the shells she sells are sea shells"


def middle(values):
    """The middle of the extremes.

    >>> middle([1, 2, 9])
    5.0
    """
    return (min(values) + max(values)) / 2


class MiddleTest(unittest.TestCase):
    def test_middle(self):
        self.assertEqual(middle([4]), 4)
        with self.assertRaises(ValueError):
            middle([])


class Rename(string.Template):
    delimiter = "%"


class BackgroundZip(threading.Thread):
    def run(self):
        with zipfile.ZipFile("background.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write("mydata.txt")


class Counter(xml.sax.ContentHandler):
    elements = 0

    def startElement(self, name, attributes):
        self.elements += 1


class Tour:
    def system(self):
        home = os.getcwd()
        os.chdir(os.path.join(home, "work"))
        assert os.system("mkdir today") == 0
        dir(os)
        with contextlib.redirect_stdout(io.StringIO()):
            help(os)
        shutil.copyfile("data.db", "archive.db")
        shutil.move(os.path.join(home, "build/executables"), "installdir")

    def wildcards(self):
        assert glob.glob("*.py") == ["one.py"]

    def arguments(self):
        parser = argparse.ArgumentParser(description="first lines of files")
        parser.add_argument("files", nargs="+")
        parser.add_argument("-n", "--number", type=int, default=5)
        assert parser.parse_args(["--number=3", "a", "b"]).number == 3 and len(sys.argv) > 2

    def errors(self):
        sys.stderr.write("nothing to read\n")
        with contextlib.suppress(SystemExit):
            sys.exit()

    def patterns(self):
        return re.findall(r"\bs\w+", TEXT.decode()), re.sub(r"(\w+) \1", r"\1", "the the end")

    def mathematics(self):
        values = random.sample(range(50), 7)
        return math.sin(math.pi / 3), random.choice(values), random.random(), random.randrange(9), statistics.mean(values), statistics.median(values), statistics.variance(values)

    def internet(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/sub/page.txt" % port) as answer:
            lines = [line.decode() for line in answer]
        mail = smtplib.SMTP("localhost", int(sys.argv[3]))
        mail.sendmail("me@example.org", "you@example.org", "To: you@example.org\nFrom: me@example.org\n\nHello.\n")
        mail.quit()
        box = poplib.POP3("localhost", int(sys.argv[3]))
        box.quit()
        return lines

    def dates(self):
        today = datetime.date.today()
        return today.strftime("%d.%m.%Y, %A"), (today - datetime.date(2000, 2, 29)).days

    def compression(self):
        assert zlib.decompress(zlib.compress(TEXT)) == TEXT and zlib.crc32(TEXT) > 0
        for module in gzip, bz2, lzma:
            with module.open("packed", "wb") as f:
                f.write(TEXT)
            with module.open("packed") as f:
                assert f.read() == TEXT
        with zipfile.ZipFile("myfile.zip", "w") as archive:
            for name in "one.py", "data.db", "mydata.txt":
                archive.write(name)
        with tarfile.open("my.tar", "w") as archive:
            archive.add("today"), archive.add("data.db")
        with tarfile.open("my.tar") as archive:
            archive.extractall("unpacked")

    def performance(self):
        taken = timeit.Timer("a, b = b, a", "a = 1; b = 2").timeit()
        watch = profile.Profile()
        watch.runcall(middle, range(99))
        watch.dump_stats("measured")
        pstats.Stats("measured", stream=io.StringIO()).print_stats()
        return taken

    def quality(self):
        assert doctest.testmod().failed == 0 and unittest.main(argv=["tests"], exit=False).result.wasSuccessful()

    def batteries(self):
        with xmlrpc.server.SimpleXMLRPCServer(("localhost", 0), logRequests=False) as server:
            server.register_function(pow)
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            with xmlrpc.client.ServerProxy("http://localhost:%d" % server.server_address[1]) as proxy:
                assert proxy.pow(2, 5) == 32
            thread.join()
        message = email.message.EmailMessage()
        message["Subject"], message["To"] = "Grüße", "you@example.org"
        message.set_content("Hello.")
        message.add_attachment(TEXT, maintype="application", subtype="octet-stream", filename="text")
        parts = list(email.message_from_bytes(message.as_bytes(), policy=email.policy.default).iter_attachments())
        assert json.loads(json.dumps({"parts": len(parts)})) == {"parts": 1}
        with open("table.csv", "w", newline="") as f:
            csv.writer(f).writerows([("a", 1), ("b", 2)])
        with open("table.csv", newline="") as f:
            assert len(list(csv.reader(f))) == 2
        xml.etree.ElementTree.ElementTree(xml.etree.ElementTree.fromstring("<a><b/></a>")).write("a.xml")
        counter = Counter()
        xml.sax.parse("a.xml", counter)
        assert counter.elements == 2 and xml.etree.ElementTree.parse("a.xml").getroot().tag == "a"
        assert xml.dom.minidom.parse("a.xml").documentElement.tagName == "a"
        base = sqlite3.connect("base.db")
        base.execute("create table t(a, b)")
        base.executemany("insert into t values (?, ?)", [(n, str(n)) for n in range(200)])
        base.commit()
        assert base.execute("select sum(a) from t").fetchone() == (19900,)
        base.close()
        gettext.bindtextdomain("tour", "messages")
        gettext.textdomain("tour")
        with codecs.open("letters", "w", "utf-16") as f:
            f.write(gettext.gettext("hello"))
        return locale.getlocale()

    def formatting(self):
        locale.setlocale(locale.LC_ALL, "C.UTF-8")
        conventions = locale.localeconv()
        pprint.pprint([["a long word"] * 4, ["another"] * 3], width=30, stream=io.StringIO())
        return reprlib.repr(set(TEXT)), textwrap.fill(TEXT.decode(), width=20), locale.format_string("%d", 7654321, grouping=True), conventions["frac_digits"]

    def templating(self):
        string.Template("$who sold $$3 of ${what}s").safe_substitute(who="She")
        try:
            form = input("form of names (%d date, %n number, %f format): ")
        except EOFError:
            form = "%d-%n%f"
        for n, name in enumerate(["p1.jpg", "p2.jpg"]):
            print(name, Rename(form).substitute(d=time.strftime("%d%b%y"), n=n, f=os.path.splitext(name)[1]))

    def records(self):
        with open("myfile.zip", "rb") as f:
            data = f.read()
        at, names = 0, []
        while data[at : at + 4] == b"PK\3\4":
            _, size, _, name, extra = struct.unpack("<IIIHH", data[at + 14 : at + 30])
            names.append(data[at + 30 : at + 30 + name])
            at += 30 + name + extra + size
        assert len(names) == 3

    def threads(self):
        background = BackgroundZip()
        background.start()
        background.join()
        work, done = queue.Queue(), []

        def worker():
            while (item := work.get()) is not None:
                done.append(item)

        thread = threading.Thread(target=worker)
        thread.start()
        for item in 1, 2, 3, None:
            work.put(item)
        thread.join()
        assert done == [1, 2, 3]

    def logs(self):
        logging.debug("small"), logging.info("known"), logging.warning("no %s", "file"), logging.error("wrong"), logging.critical("bad")

    def references(self):
        kept, value = weakref.WeakValueDictionary(), Rename("x")
        kept["a"] = value
        del value
        gc.collect()
        assert "a" not in kept

    def lists(self):
        numbers, tasks, heap, marks = array.array("H", [1, 500, 7]), collections.deque("ab"), [5, 3, 8], [10, 30]
        tasks.append("c"), heapq.heapify(heap), heapq.heappush(heap, 1), bisect.insort(marks, 20)
        return sum(numbers), numbers[1:], tasks.popleft(), heapq.heappop(heap), marks

    def decimals(self):
        with decimal.localcontext() as context:
            context.prec = 40
            return decimal.Decimal("0.20") * decimal.Decimal("1.19"), decimal.Decimal(1) / decimal.Decimal(3), decimal.Decimal("1.00") % decimal.Decimal(".10")


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *words):
        super().__init__(*words, directory=root)

    def log_message(self, *words):
        pass

    def do_GET(self):
        if not self.path.startswith("/do/"):
            return super().do_GET()
        body = str(getattr(Tour(), self.path[4:])()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
