// Dynamixels behind a pseudo-terminal that have their answers ready, so that what is measured of a
// client is the client and the kernel.
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
#include "handloop/loop.hpp"

namespace handloop::bus::bench {

struct ResponderConfig {
  std::uint32_t baud = 0;  // [bit/s], of the line; 0: nothing takes time
  int core = -1;           // that it stays on; -1: any
};

class Responder {
 public:
  explicit Responder(const ResponderConfig& config)
      : config_(config),
        byte_time_(config.baud > 0 ? 10'000'000'000 / config.baud : 0),
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
  // A group read of one servo: instruction, address, size, id and CRC.
  static constexpr std::size_t kShortest = dynamixel::kHeaderSize + 1 + 4 + 1 + 2;
  static constexpr std::size_t kChunk = 62;  // of a USB packet's 64 two are its adapter's

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
      answer_to(heard_.bytes().first(size));
      heard_.drop(size);
    }
  }

  // Of the request that has come in; 0: none yet.
  std::size_t request_size() {
    while (true) {
      heard_.drop(dynamixel::Format::find(heard_.bytes()));
      const Bytes bytes = heard_.bytes();
      if (bytes.size() <= dynamixel::kHeaderSize) return 0;
      const std::size_t size = dynamixel::Format::size(bytes);
      if (size > 0) return size <= bytes.size() ? size : 0;
      heard_.drop(1);
    }
  }

  void answer_to(Bytes request) {
    if (request.size() < kShortest) return;
    const auto instruction = static_cast<dynamixel::Instruction>(request[dynamixel::kHeaderSize]);
    if (instruction == dynamixel::Instruction::kSyncRead) {
      answer_ = ready(sync_, request, sync_answer);
    } else if (instruction == dynamixel::Instruction::kFastSyncRead) {
      answer_ = ready(fast_, request, fast_answer);
    } else {
      return;
    }
    begin_ = free_;
    said_ = 0;
    free_ += byte_time_ * static_cast<std::int64_t>(answer_.size());
  }

  struct Ready {
    std::vector<std::uint8_t> request, answer;
  };

  // Made once for each request that differs from the one before.
  template <typename Make>
  static Bytes ready(Ready& before, Bytes request, Make make) {
    if (!std::equal(request.begin(), request.end(), before.request.begin(), before.request.end())) {
      const Bytes asked = request.subspan(dynamixel::kHeaderSize + 1);  // address, size, ids, CRC
      const std::vector<std::uint8_t> data(std::min<std::size_t>(word_at(asked, 2), kMaxBlock), 1);
      before = {{request.begin(), request.end()},
                make(asked.subspan(4, asked.size() - 6), Bytes(data))};
    }
    return before.answer;
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
  Ready sync_, fast_;
  virtual_servo::PseudoTerminal terminal_;
  ByteQueue heard_;
  Bytes answer_;
  std::size_t said_ = 0;
  std::int64_t begin_ = 0, free_ = 0;  // [ns], of the answer; from when the line is
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace handloop::bus::bench
