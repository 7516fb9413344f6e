pub fn connect(
    host: &str,
    port: u16,
    timeout: Duration,
) -> Result<Socket, Error> {
    Socket::open(host, port, timeout)
}

pub fn close(socket: Socket) {
    drop(socket);
}
