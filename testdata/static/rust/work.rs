// A program of Rust's standard library at work: files, threads, sockets, another program, a panic that is caught.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::mpsc;
use std::{env, fs, panic, thread, time::Duration};

fn main() {
    let folder = env::temp_dir().join(format!("work-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("file");
    fs::write(&file, "text").unwrap();
    fs::copy(&file, folder.join("copy")).unwrap();
    fs::rename(folder.join("copy"), folder.join("moved")).unwrap();
    fs::hard_link(&file, folder.join("link")).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        entry.unwrap().metadata().unwrap();
    }
    fs::File::options().append(true).open(&file).unwrap().sync_all().unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        sender.send(text).unwrap();
    });
    let mut client = TcpStream::connect(address).unwrap();
    client.set_nodelay(true).unwrap();
    client.write_all(b"hello").unwrap();
    drop(client);
    receiver.recv_timeout(Duration::from_secs(5)).unwrap();
    server.join().unwrap();
    UdpSocket::bind("127.0.0.1:0").unwrap().set_broadcast(true).unwrap();
    UnixStream::pair().unwrap().0.shutdown(std::net::Shutdown::Both).unwrap();

    thread::sleep(Duration::from_millis(5));
    let _ = panic::catch_unwind(|| panic!("caught"));
    Command::new("true").env("A", "B").status().unwrap();
    Command::new("cat").arg(&file).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
}
