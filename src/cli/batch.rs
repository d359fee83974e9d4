//! `jakscreen batch`: a registry or a ward, a record in and a line out.

mod table;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use self::table::Table;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use jakscreen::Code;
use jakscreen::batch::{Batch, Place, Recorded, Select, Summary};
use rayon::prelude::*;
use serde::Serialize;

use super::Status;
use super::files;
use super::input::{Input, today};
use super::messages::Messages;

/// Records screened at once; whole blocks are written, in order.
const BLOCK: usize = 128;

#[derive(Debug, Args)]
pub(super) struct BatchOf {
    /// Profiles: newline-delimited JSON (also .gz, .zst), a folder of YAML or JSON files, or `-` for standard input
    records: PathBuf,
    /// Write the lines to this file (also .gz, .zst); to standard output without it and for `-`. With --skip they are added to it
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What each line carries
    #[arg(long, value_enum, default_value_t = Carried::Findings)]
    select: Carried,
    /// Write what all records come to here, as JSON; else it is told on standard error
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Write a table, a row for each record and label, as CSV; as Parquet where it is built with it
    #[arg(long, value_name = "FILE.csv|parquet")]
    table: Option<PathBuf>,
    /// Go on after this many lines or files
    #[arg(long, default_value_t = 0, value_name = "N")]
    skip: usize,
    /// Threads; all cores if 0
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Carried {
    /// What each checklist concludes
    Level,
    /// That, what is met and not known, and the listed tests that lack
    Findings,
    /// The whole checklist, as `check --format json`
    All,
}

impl BatchOf {
    pub(super) fn run(self, messages: &mut Messages) -> io::Result<Status> {
        let Some(library) = self.input.library(messages) else {
            return Ok(Status::BadInput);
        };
        let batch = Batch::new(&library, today())
            .plan(self.input.plan_change())
            .select(match self.select {
                Carried::Level => Select::Level,
                Carried::Findings => Select::Findings,
                Carried::All => Select::All,
            });
        let batch = match self.input.as_of() {
            Some(day) => batch.as_of(day),
            None => batch,
        };
        match self.screen(&batch, messages) {
            Ok(status) => Ok(status),
            Err(Fault::Input(error)) => {
                let file = self.records.display().to_string();
                messages.error("unreadable", Some(&file), &error.to_string());
                Ok(Status::BadInput)
            }
            Err(Fault::Output(error)) => Err(error),
        }
    }

    fn screen(&self, batch: &Batch<'_>, messages: &mut Messages) -> Result<Status, Fault> {
        let bar = bar(&self.records);
        let mut records = Records::open(&self.records, &bar).map_err(Fault::Input)?;
        records.skip(self.skip).map_err(Fault::Input)?;
        let to = files::named(self.output.as_deref());
        let mut lines = output(to, self.skip > 0)?;
        let table = self.table.as_deref().map(Table::create);
        let mut table = table.transpose()?;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads);
        let pool = pool.build().map_err(io::Error::other)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        // The first time the lines under way are finished; the second time, as when nothing comes in, the end is at once.
        let leave = move || {
            if stop.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(leave).map_err(io::Error::other)?;
        let started = Instant::now();
        let mut summary = Summary::default();
        while !stopped.load(Ordering::Relaxed) {
            let block = records.block().map_err(Fault::Input)?;
            if block.is_empty() {
                break;
            }
            let screen = |raw: &Raw| raw.screened(batch);
            // Record by record, so that at the end of a block no thread waits for more than one.
            let screened: Vec<Recorded<'_>> =
                pool.install(|| block.par_iter().with_max_len(1).map(screen).collect());
            for (raw, record) in block.iter().zip(&screened) {
                lines.to().write_all(record.json.as_bytes())?;
                lines.to().write_all(b"\n")?;
                summary.add(record);
                if let Some(table) = &mut table {
                    for row in record.rows(raw.place()) {
                        table.add(row)?;
                    }
                }
            }
            if to.is_none() {
                lines.to().flush()?;
            }
            bar.set_message(rate(summary.records, started));
        }
        lines.finish()?;
        if let Some(table) = table {
            table.finish()?;
        }
        bar.finish_and_clear();
        self.told(&summary, started, messages)?;
        if stopped.load(Ordering::Relaxed) {
            let message = format!(
                "stopped after {done} lines, all of them whole; go on with --skip {done}",
                done = records.done()
            );
            messages.note("stopped", &self.records.display().to_string(), &message);
            return Ok(Status::BadInput);
        }
        Ok(if summary.errors > 0 {
            Status::BadInput
        } else {
            Status::Done
        })
    }

    /// The summary: as JSON in its file, or in a few lines on standard error.
    fn told(
        &self,
        summary: &Summary,
        started: Instant,
        messages: &mut Messages,
    ) -> Result<(), Fault> {
        #[derive(Serialize)]
        struct Told<'s> {
            #[serde(flatten)]
            summary: &'s Summary,
            seconds: f64,
            records_per_second: f64,
        }
        let seconds = started.elapsed().as_secs_f64();
        if let Some(path) = &self.summary {
            let told = Told {
                summary,
                seconds,
                records_per_second: per_second(summary.records, seconds),
            };
            let text = serde_json::to_string_pretty(&told).map_err(io::Error::from)?;
            fs::write(path, text + "\n")?;
        }
        let mut parts = vec![format!(
            "{} records, {} could not be read",
            summary.records, summary.errors
        )];
        for (label, conclusions) in &summary.conclusions {
            let counts = conclusions
                .iter()
                .map(|(word, count)| format!("{word} {count}"));
            parts.push(format!(
                "{label}: {}",
                counts.collect::<Vec<_>>().join(", ")
            ));
        }
        parts.push(rate(summary.records, started));
        messages.note(
            "summary",
            &self.records.display().to_string(),
            &parts.join("; "),
        );
        Ok(())
    }
}

/// Why a run ends.
enum Fault {
    Input(io::Error),
    Output(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn per_second(records: u64, seconds: f64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let records = records as f64;
    records / seconds.max(1e-9)
}

fn rate(records: u64, started: Instant) -> String {
    format!(
        "{:.0} records a second",
        per_second(records, started.elapsed().as_secs_f64())
    )
}

/// A bar where there is a terminal to see it; of bytes where the size is known.
fn bar(path: &Path) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = match fs::metadata(path) {
        Ok(file) if file.is_file() => ProgressBar::new(file.len()),
        _ => return ProgressBar::new_spinner(),
    };
    let style = ProgressStyle::with_template("{bar:30} {percent}%  {msg}, {eta} left");
    style.into_iter().fold(bar, ProgressBar::with_style)
}

/// A record as it was read.
struct Raw {
    at: At,
    /// Its bytes, or why there are none.
    record: Result<Vec<u8>, String>,
}

enum At {
    Line(usize),
    File(String),
}

impl Raw {
    fn place(&self) -> Place<'_> {
        match &self.at {
            At::Line(line) => Place::Line(*line),
            At::File(file) => Place::File(file),
        }
    }

    fn screened<'l>(&self, batch: &Batch<'l>) -> Recorded<'l> {
        match &self.record {
            Ok(record) => batch.record(self.place(), record),
            Err(why) => batch.refused(self.place(), Code::Unreadable, why),
        }
    }
}

/// Where the records come from.
enum Records {
    /// The reader, and how many lines were read.
    Lines(Box<dyn BufRead>, usize),
    /// The files of a folder by name, and how many were read.
    Files(Vec<PathBuf>, usize),
}

impl Records {
    fn open(path: &Path, bar: &ProgressBar) -> io::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Files(files::yaml(path)?, 0));
        }
        let plain: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(bar.wrap_read(File::open(path)?))
        };
        let read: Box<dyn Read> = match extension(path) {
            "gz" => Box::new(flate2::read::MultiGzDecoder::new(plain)),
            "zst" => Box::new(zstd::Decoder::new(plain)?),
            _ => plain,
        };
        Ok(Self::Lines(
            Box::new(BufReader::with_capacity(1 << 18, read)),
            0,
        ))
    }

    /// How many lines or files were read.
    fn done(&self) -> usize {
        let (Self::Lines(_, done) | Self::Files(_, done)) = self;
        *done
    }

    fn skip(&mut self, count: usize) -> io::Result<()> {
        match self {
            Self::Lines(reader, done) => {
                while *done < count && reader.skip_until(b'\n')? > 0 {
                    *done += 1;
                }
            }
            Self::Files(files, done) => *done = count.min(files.len()),
        }
        Ok(())
    }

    /// The next records; none at the end.
    fn block(&mut self) -> io::Result<Vec<Raw>> {
        let mut block = Vec::with_capacity(BLOCK);
        match self {
            Self::Lines(reader, done) => {
                while block.len() < BLOCK {
                    let mut record = Vec::new();
                    if reader
                        .take(files::MAX_BYTES + 1)
                        .read_until(b'\n', &mut record)?
                        == 0
                    {
                        break;
                    }
                    if record.len() as u64 > files::MAX_BYTES && !record.ends_with(b"\n") {
                        reader.skip_until(b'\n')?;
                    }
                    *done += 1;
                    if !record.trim_ascii().is_empty() {
                        let (at, record) = (At::Line(*done), Ok(record));
                        block.push(Raw { at, record });
                    }
                }
            }
            Self::Files(files, done) => {
                for path in files.iter().skip(*done).take(BLOCK) {
                    *done += 1;
                    let mut record = Vec::new();
                    let read = File::open(path)
                        .and_then(|file| file.take(files::MAX_BYTES + 1).read_to_end(&mut record));
                    block.push(Raw {
                        at: At::File(path.display().to_string()),
                        record: read.map(|_| record).map_err(|e| e.to_string()),
                    });
                }
            }
        }
        Ok(block)
    }
}

fn extension(path: &Path) -> &str {
    path.extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
}

/// Where the lines go. What is compressed has an end to be written.
enum Lines {
    Plain(Box<dyn Write>),
    Gz(flate2::write::GzEncoder<BufWriter<File>>),
    Zst(zstd::Encoder<'static, BufWriter<File>>),
}

fn output(path: Option<&Path>, add: bool) -> io::Result<Lines> {
    let Some(path) = path else {
        return Ok(Lines::Plain(Box::new(BufWriter::new(io::stdout()))));
    };
    let mut options = OpenOptions::new();
    let file = options.create(true).write(true).append(add).truncate(!add);
    let file = BufWriter::new(file.open(path)?);
    Ok(match extension(path) {
        "gz" => Lines::Gz(flate2::write::GzEncoder::new(
            file,
            flate2::Compression::default(),
        )),
        "zst" => Lines::Zst(zstd::Encoder::new(file, 0)?),
        _ => Lines::Plain(Box::new(file)),
    })
}

impl Lines {
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut out) => out.flush(),
            Self::Gz(out) => out.finish()?.flush(),
            Self::Zst(out) => out.finish()?.flush(),
        }
    }

    fn to(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(out) => out,
            Self::Gz(out) => out,
            Self::Zst(out) => out,
        }
    }
}
