pub fn connect(
    host: &str,
    port: u16,
    timeout: Duration,
    retries: u32,
) -> Result<Socket, Error> {
    retry(retries, || Socket::open(host, port, timeout))
}

pub fn close(socket: Socket) {
    drop(socket);
}
