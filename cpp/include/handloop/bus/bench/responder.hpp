// Dynamixels behind a pseudo-terminal whose answers are made beforehand, so that what is measured
// of a client is the client and the kernel.
//
// At a baud rate every byte takes its time on the line, to the servos and back, and answers arrive
// as an ideal USB adapter hands them over: up to 62 bytes at once, each when its last bit is there.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <atomic>
#include <thread>

#include "handloop/bus/bench/prompt_answer.hpp"
#include "handloop/bus/virtual/pseudo_terminal.hpp"
#include "handloop/tick_timer.hpp"

namespace handloop::bus::bench {

struct ResponderConfig {
  std::size_t servos = 22;  // ids from 1 on
  std::size_t size = 10;    // bytes read of each
  std::uint32_t baud = 0;   // [bit/s], of the line; 0: nothing takes time
  int core = -1;            // that it stays on; -1: any
};

class Responder {
 public:
  explicit Responder(const ResponderConfig& config)
      : config_(config),
        byte_time_(config.baud > 0 ? 10'000'000'000 / config.baud : 0),
        data_(config.size, 1),
        sync_(sync_answer(config.servos, data_)),
        fast_(fast_answer(config.servos, data_)),
        thread_([this] { serve(); }) {}
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder() { stop(); }

  // What a client opens.
  const std::string& path() const { return terminal_.path(); }

  // Nobody answers any more. Safe to call twice.
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  static constexpr std::int64_t kIdle = 5'000'000;  // [ns], between two looks at a quiet line
  static constexpr std::int64_t kAwake = 20'000;    // [ns], before bytes are due: sleepers are late
  static constexpr std::size_t kChunk = 62;         // of a USB packet's 64 two are its adapter's

  void serve() {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    if (config_.core >= 0) stay_on(config_.core);
    while (!stopping_) {
      hear();
      say();
      rest();
    }
  }

  static void stay_on(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    ::pthread_setaffinity_np(::pthread_self(), sizeof cores, &cores);
  }

  void hear() {
    const std::size_t count = terminal_.read(heard_.room());
    if (count == 0) return;
    heard_.filled(count);
    free_ = std::max(free_, monotonic_ns()) + byte_time_ * static_cast<std::int64_t>(count);
    while (const std::size_t size = request_size()) {
      answer_to(static_cast<dynamixel::Instruction>(heard_.bytes()[dynamixel::kHeaderSize]));
      heard_.drop(size);
    }
  }

  // Of the request that has come in; 0: none yet.
  std::size_t request_size() {
    heard_.drop(dynamixel::Format::find(heard_.bytes()));
    const Bytes bytes = heard_.bytes();
    if (bytes.size() <= dynamixel::kHeaderSize) return 0;
    const std::size_t size = dynamixel::Format::size(bytes);
    return size <= bytes.size() ? size : 0;
  }

  void answer_to(dynamixel::Instruction instruction) {
    if (instruction == dynamixel::Instruction::kSyncRead) {
      answer_ = sync_;
    } else if (instruction == dynamixel::Instruction::kFastSyncRead) {
      answer_ = fast_;
    } else {
      return;
    }
    begin_ = free_;
    said_ = 0;
    free_ += byte_time_ * static_cast<std::int64_t>(answer_.size());
  }

  bool silent() const { return said_ == answer_.size(); }
  std::size_t chunk_end() const {
    return byte_time_ > 0 ? std::min(said_ + kChunk, answer_.size()) : answer_.size();
  }
  // When the next bytes are there.
  std::int64_t due() const { return begin_ + byte_time_ * static_cast<std::int64_t>(chunk_end()); }

  void say() {
    while (!silent() && due() <= monotonic_ns()) {
      const std::size_t end = chunk_end();
      terminal_.write(answer_.subspan(said_, end - said_));
      said_ = end;
    }
  }

  void rest() const {
    const std::int64_t time = silent() ? kIdle : due() - monotonic_ns() - kAwake;
    if (time > 0) terminal_.wait(time);
  }

  ResponderConfig config_;
  std::int64_t byte_time_;
  std::vector<std::uint8_t> data_, sync_, fast_;
  virtual_servo::PseudoTerminal terminal_;
  ByteQueue heard_;
  Bytes answer_;
  std::size_t said_ = 0;
  std::int64_t begin_ = 0, free_ = 0;  // [ns], of the answer; from when the line is
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace handloop::bus::bench
