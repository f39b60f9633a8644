// The other end of a wire, which says what a test has written down and nothing else.
#pragma once

#include <deque>

#include "handloop/bus/wire.hpp"
#include "wire_support.hpp"

namespace handloop::testing {

class ScriptedWire final : public bus::Wire {
 public:
  static constexpr std::int64_t kByte = 2'500;  // [ns], 4 Mbaud

  // When `request` comes, `reply` follows after `delay`.
  void when(std::string_view request, std::string_view reply, std::int64_t delay = 50'000) {
    scenes_.push_back({hex(request), hex(reply), delay});
  }

  std::int64_t now() const override { return now_; }
  std::int64_t byte_time() const override { return kByte; }
  bool send(bus::Bytes bytes) override {
    if (unplugged) return false;
    sent.push_back(octets(bytes));
    const auto scene = std::find_if(scenes_.begin(), scenes_.end(),
                                    [&](const Scene& s) { return s.request == sent.back(); });
    if (scene == scenes_.end()) return true;
    std::int64_t at = now_ + static_cast<std::int64_t>(bytes.size()) * kByte + scene->delay;
    for (const std::uint8_t byte : scene->reply) coming_.push_back({at += kByte, byte});
    scenes_.erase(scene);
    return true;
  }
  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    if (unplugged) return -1;
    if (coming_.empty() || coming_.front().at > deadline) {
      now_ = std::max(now_, deadline);
      return 0;
    }
    now_ = std::max(now_, coming_.front().at);
    std::size_t count = 0;
    while (count < room.size() && !coming_.empty() && coming_.front().at <= now_) {
      room[count++] = coming_.front().byte;
      coming_.pop_front();
    }
    return static_cast<std::ptrdiff_t>(count);
  }
  void discard() override {
    while (!coming_.empty() && coming_.front().at <= now_) coming_.pop_front();
  }

  void pass(std::int64_t time) { now_ += time; }
  bool unplugged = false;
  std::vector<Octets> sent;

 private:
  struct Scene {
    Octets request, reply;
    std::int64_t delay;
  };
  struct Arrival {
    std::int64_t at;
    std::uint8_t byte;
  };
  std::int64_t now_ = 0;
  std::deque<Scene> scenes_;  // each is played once
  std::deque<Arrival> coming_;
};

}  // namespace handloop::testing
