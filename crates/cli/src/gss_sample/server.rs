//! `orthros gss-server`: accepts contexts, unwraps what arrives and answers with its MIC.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;

use clap::Args;
use orthros::{
    AcceptContext, Credential, CredentialUsage, Name, Protection, SecurityContext, Step,
};

use super::token::{
    CONTEXT, CONTEXT_NEXT, ENCRYPTED, Frame, MIC, NOOP, SEND_MIC, WRAPPED, receive, send,
};
use super::{describe_flags, limit_waiting};
use crate::failure::{Failure, Outcome, While};
use crate::output;

/// Accept sample clients and sign their messages
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The TCP port to listen on; 0 lets the system choose
    #[arg(long, default_value_t = 4444)]
    port: u16,
    /// Serve one connection and end, with exit code 1 if it failed
    #[arg(long)]
    once: bool,
    /// The keytab with the service's key, instead of the default one
    #[arg(long)]
    keytab: Option<String>,
    /// Say how long the client's tokens are
    #[arg(long)]
    verbose: bool,
    /// For how many seconds to wait for the peer's next octet
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// The service to be, as SERVICE or SERVICE@HOST
    service: String,
}

/// Runs the server.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let credential = credential(arguments)?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, arguments.port))
        .while_doing(format!("listening on port {}", arguments.port))?;
    let address = listener.local_addr().while_doing("listening")?;
    // A script that waits for this line reads a pipe.
    output::line(&format!(
        "Listening on port {} as {}",
        address.port(),
        arguments.service
    ));
    loop {
        let (mut stream, _) = listener.accept().while_doing("accepting a connection")?;
        let outcome = serve(arguments, &credential, &mut stream);
        if arguments.once {
            return outcome.map(|()| ExitCode::SUCCESS);
        }
        if let Err(failure) = outcome {
            let _ = output::failure(&failure, "gss-server");
        }
    }
}

fn credential(arguments: &Arguments) -> Result<Credential, Failure> {
    let doing = format!("acquiring credentials of {}", arguments.service);
    let name = Name::hostbased_service(&arguments.service).while_doing(doing.as_str())?;
    let mut builder = Credential::acquire()
        .name(&name)
        .usage(CredentialUsage::Accept);
    if let Some(keytab) = &arguments.keytab {
        builder = builder.keytab(keytab);
    }
    builder.build().while_doing(doing)
}

fn serve(
    arguments: &Arguments,
    credential: &Credential,
    stream: &mut TcpStream,
) -> Result<(), Failure> {
    limit_waiting(stream, arguments.timeout).while_doing("accepting a connection")?;
    let opening = receive(stream).while_doing("waiting for the client")?;
    if opening.flags & NOOP == 0 {
        return Err(Failure::new(
            format!(
                "expected a NOOP frame, got one with flags {:#04x}",
                opening.flags
            ),
            "waiting for the client",
        ));
    }
    let mut context = if opening.flags & CONTEXT_NEXT == 0 {
        output::line("Accepted unauthenticated connection.");
        None
    } else {
        let context = establish(arguments, credential, stream)?;
        describe_flags(context.flags());
        output::line(&format!("Accepted connection: \"{}\"", context.peer_name()));
        Some(context)
    };
    loop {
        let frame = receive(stream).while_doing("waiting for a message")?;
        if frame.flags & NOOP != 0 {
            output::line("NOOP token");
            return Ok(());
        }
        answer(context.as_mut(), stream, frame)?;
    }
}

fn establish(
    arguments: &Arguments,
    credential: &Credential,
    stream: &mut TcpStream,
) -> Result<SecurityContext, Failure> {
    let doing = "accepting the context";
    let mut acceptor = AcceptContext::builder()
        .credential(credential)
        .build()
        .while_doing(doing)?;
    loop {
        let Frame { token, .. } = receive(stream).while_doing("waiting for the client's token")?;
        if arguments.verbose {
            output::line(&format!("Received token (size={}):", token.len()));
        }
        match acceptor.step(&token) {
            Ok(Step::Continue(token)) => send(stream, CONTEXT, &token).while_doing(doing)?,
            Ok(Step::Done { context, token }) => {
                if let Some(token) = token {
                    send(stream, CONTEXT, &token).while_doing(doing)?;
                }
                return Ok(context);
            }
            Err(error) => {
                // The client learns why, if it is still there to listen.
                if let Some(token) = error.token() {
                    let _ = send(stream, CONTEXT, token);
                }
                return Err(error).while_doing(doing);
            }
        }
    }
}

/// Unwraps one message, prints it, and answers with its MIC or with nothing.
fn answer(
    context: Option<&mut SecurityContext>,
    stream: &mut TcpStream,
    frame: Frame,
) -> Result<(), Failure> {
    let protected = frame.flags & (WRAPPED | ENCRYPTED | SEND_MIC) != 0;
    let Some(context) = context else {
        if protected {
            return Err(Failure::new(
                "the client did not authenticate, but asks for protected messages",
                "reading a message",
            ));
        }
        print_message(&frame.token);
        return send(stream, NOOP, &[]).while_doing("answering");
    };
    let message = if frame.flags & WRAPPED == 0 {
        frame.token
    } else {
        let least = if frame.flags & ENCRYPTED == 0 {
            Protection::INTEGRITY
        } else {
            Protection::CONFIDENTIALITY
        };
        let unwrapped = context
            .unwrap(&frame.token, least)
            .while_doing("unwrapping a message")?;
        unwrapped
            .in_sequence()
            .while_doing("unwrapping a message")?
    };
    print_message(&message);
    if frame.flags & SEND_MIC == 0 {
        return send(stream, NOOP, &[]).while_doing("answering");
    }
    let mic = context
        .get_mic(&message)
        .while_doing("signing the message")?;
    send(stream, MIC, &mic).while_doing("answering")
}

/// Text as text, anything else as its length: a terminal is no place for a peer's control characters.
fn print_message(message: &[u8]) {
    match str::from_utf8(message) {
        Ok(text) if !text.chars().any(|c| c.is_control() && !c.is_whitespace()) => {
            output::line(&format!("Received message: \"{text}\""));
        }
        _ => output::line(&format!("Received message of {} octets", message.len())),
    }
}
