//! `orthros gss-client`: establishes a context with a sample server, sends a message, checks the answer's MIC.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use orthros::{
    ContextFlags, Credential, CredentialUsage, InitContext, Name, Protection, SecurityContext, Step,
};

use super::token::{
    CONTEXT, CONTEXT_NEXT, DATA, ENCRYPTED, Frame, NOOP, SEND_MIC, WRAPPED, receive, send,
};
use super::{describe_flags, limit_waiting, seconds};
use crate::failure::{Failure, Outcome, While};
use crate::{output, password};

/// Authenticate to a sample server and send it a message
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The server's TCP port
    #[arg(long, default_value_t = 4444)]
    port: u16,
    /// Detect messages out of sequence
    #[arg(long = "seq")]
    sequence: bool,
    /// Do not detect replayed messages
    #[arg(long = "noreplay")]
    no_replay: bool,
    /// Do not ask the server to authenticate itself
    #[arg(long = "nomutual")]
    no_mutual: bool,
    /// The client to be, instead of the default cache's
    #[arg(long)]
    user: Option<String>,
    /// Ask for the user's password and get fresh tickets, whatever the cache holds
    #[arg(long, requires = "user")]
    password: bool,
    /// MESSAGE is the name of a file to send
    #[arg(short = 'f', long = "file")]
    is_file: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    quiet: bool,
    /// How many connections to make, one after the other
    #[arg(long = "ccount", default_value_t = 1, value_name = "COUNT")]
    connections: u32,
    /// How many times to send the message on each connection
    #[arg(long = "mcount", default_value_t = 1, value_name = "COUNT")]
    messages: u32,
    /// Do not wrap the message
    #[arg(long = "nw")]
    no_wrap: bool,
    /// Do not seal the wrapped message
    #[arg(long = "nx")]
    no_encrypt: bool,
    /// Do not ask for a MIC
    #[arg(long = "nm")]
    no_mic: bool,
    /// For how many seconds to wait for the peer's next octet
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// The host to connect to
    host: String,
    /// The service, as SERVICE or SERVICE@HOST
    service: String,
    /// What to send
    message: String,
}

/// Runs the client.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    // Before anything is connected to: it is the argument that is mistaken most often.
    Name::hostbased_service(&arguments.service).while_doing("reading the service's name")?;
    let message = if arguments.is_file {
        let path = PathBuf::from(&arguments.message);
        fs::read(&path).while_doing(format!("reading {}", path.display()))?
    } else {
        arguments.message.clone().into_bytes()
    };
    let credential = credential(arguments)?;
    for _ in 0..arguments.connections {
        converse(arguments, credential.as_ref(), &message)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The credential that the options ask for; none stands for the default.
fn credential(arguments: &Arguments) -> Result<Option<Credential>, Failure> {
    let Some(user) = &arguments.user else {
        return Ok(None);
    };
    let doing = || format!("acquiring credentials of {user}");
    let name = Name::user(user).while_doing(doing())?;
    let mut builder = Credential::acquire()
        .name(&name)
        .usage(CredentialUsage::Initiate);
    if arguments.password {
        let password = password::ask(&format!("Password for {user}: ")).while_doing(doing())?;
        builder = builder.password(password);
    }
    builder.build().map(Some).while_doing(doing())
}

fn converse(
    arguments: &Arguments,
    credential: Option<&Credential>,
    message: &[u8],
) -> Result<(), Failure> {
    let address = (arguments.host.as_str(), arguments.port);
    let mut stream = TcpStream::connect(address).while_doing(format!(
        "connecting to {}:{}",
        arguments.host, arguments.port
    ))?;
    limit_waiting(&stream, arguments.timeout).while_doing("connecting")?;
    let mut context = establish(arguments, credential, &mut stream)?;
    if !arguments.quiet {
        describe(&context);
    }
    for _ in 0..arguments.messages {
        send_message(arguments, &mut context, &mut stream, message)?;
    }
    send(&mut stream, NOOP, &[]).while_doing("saying good-bye")
}

fn establish(
    arguments: &Arguments,
    credential: Option<&Credential>,
    stream: &mut TcpStream,
) -> Result<SecurityContext, Failure> {
    let doing = "initializing the context";
    let mut flags = ContextFlags::MUTUAL | ContextFlags::REPLAY;
    flags.set(ContextFlags::MUTUAL, !arguments.no_mutual);
    flags.set(ContextFlags::REPLAY, !arguments.no_replay);
    flags.set(ContextFlags::SEQUENCE, arguments.sequence);
    let target = Name::hostbased_service(&arguments.service).while_doing(doing)?;
    let mut builder = InitContext::builder(target).flags(flags);
    if let Some(credential) = credential {
        builder = builder.credential(credential);
    }
    let mut initiator = builder.build().while_doing(doing)?;

    send(stream, NOOP | CONTEXT_NEXT, &[]).while_doing(doing)?;
    let mut step = initiator.step(None).while_doing(doing)?;
    loop {
        match step {
            Step::Continue(token) => {
                send(stream, CONTEXT, &token).while_doing(doing)?;
                let Frame { token, .. } =
                    receive(stream).while_doing("waiting for the server's token")?;
                step = initiator.step(Some(&token)).while_doing(doing)?;
            }
            Step::Done { context, token } => {
                if let Some(token) = token {
                    send(stream, CONTEXT, &token).while_doing(doing)?;
                }
                return Ok(context);
            }
        }
    }
}

fn send_message(
    arguments: &Arguments,
    context: &mut SecurityContext,
    stream: &mut TcpStream,
    message: &[u8],
) -> Result<(), Failure> {
    let mut flags = DATA;
    let wrapped;
    let sent = if arguments.no_wrap {
        message
    } else {
        let protection = if arguments.no_encrypt {
            Protection::INTEGRITY
        } else {
            Protection::CONFIDENTIALITY
        };
        flags |= WRAPPED | if arguments.no_encrypt { 0 } else { ENCRYPTED };
        wrapped = context
            .wrap(message, protection)
            .while_doing("wrapping the message")?;
        &wrapped
    };
    if !arguments.no_mic {
        flags |= SEND_MIC;
    }
    send(stream, flags, sent).while_doing("sending the message")?;
    let answer = receive(stream).while_doing("waiting for the answer")?;
    let said = if arguments.no_mic {
        "Response received."
    } else {
        let verified = context
            .verify_mic(message, &answer.token)
            .while_doing("verifying the answer's MIC")?;
        verified
            .in_sequence()
            .while_doing("verifying the answer's MIC")?;
        "Signature verified."
    };
    if !arguments.quiet {
        output::line(said);
    }
    Ok(())
}

fn describe(context: &SecurityContext) {
    describe_flags(context.flags());
    output::line(&format!(
        "\"{}\" to \"{}\", lifetime {}, mechanism {}",
        context.initiator_name(),
        context.acceptor_name(),
        seconds(context.lifetime()),
        context.mech_type()
    ));
}
